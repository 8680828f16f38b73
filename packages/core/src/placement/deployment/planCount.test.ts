import { expect, test } from 'vitest';
import { matchingSupervisor, seenPlugin } from '../../../testing/situations.ts';
import { consider } from './decision.ts';
import type { SeenPlugin, SupervisorSituation } from './deploymentSituation.ts';
import { planCount } from './planCount.ts';

const most = 2_000;

/** ENABLED supervisors, each with another value to spread over; the reads of the values are counted. */
function supervisors(plugins: readonly SeenPlugin[]): { found: SupervisorSituation[]; reads: () => number } {
  let reads = 0;
  const found = Array.from({ length: most }, (_, i): SupervisorSituation => {
    const id = `supervisor-${String(i).padStart(5, '0')}`;
    return Object.defineProperty(matchingSupervisor(id, plugins), 'spreadValue', {
      get: () => {
        reads += 1;
        return id;
      },
    });
  });
  return { found, reads: () => reads };
}

const served = seenPlugin();

test.each([
  ['chooses', [], most / 2, 'INSTALL'],
  ['takes off', [served], most / 2, 'WITHDRAW'],
  ['keeps', [served], most, 'KEEP'],
] as const)(
  'W3: a plan that %s many supervisors looks at each a few times, not at all of them for each',
  (_, plugins, count, action) => {
    const { found, reads } = supervisors(plugins);
    const versions = { install: '1.0', upgrade: '1.0' };
    const considered = consider({ id: 'deployment-1' }, found, versions, new Map());
    const wish = { name: 'some', pluginId: 'collector', domainId: 'acme', version: '1.0', count };
    const decisions = planCount(wish, considered).filter((decision) => decision.action === action);
    expect(decisions).toHaveLength(count);
    expect(reads()).toBeLessThan(10 * most);
  },
);
