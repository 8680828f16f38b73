import { expect, test } from 'vitest';
import { pluginLifecycle, reportedEvents, statesMissingMatters, statesWithDeadline } from './lifecycle.ts';

/** domain.md's table, cell by cell. */
const specified = `
                 reportedProvisioning reportedActive  reportedError  recover          deadlinePasses  missing
UNKNOWN          PROVISIONING         ACTIVE          ERROR          notFound         none            none
PROVISIONING     stay                 ACTIVE          ERROR          RE_PROVISIONING  ERROR           stay
ACTIVE           PROVISIONING         stay            ERROR          RE_PROVISIONING  none            ERROR
RE_PROVISIONING  stay                 ACTIVE,ifFresh  ERROR,ifFresh  RE_PROVISIONING  ERROR           stay
ERROR            PROVISIONING         ACTIVE          stay           RE_PROVISIONING  none            stay
`;

test('the plugin lifecycle is the one that is specified', () => {
  const [heading = '', ...lines] = specified.trim().split('\n');
  const events = heading.trim().split(/\s+/);
  const table = Object.fromEntries(
    lines.map((line) => {
      const [situation = '', ...cells] = line.trim().split(/\s+/);
      return [situation, Object.fromEntries(cells.map((cell, i) => [events[i], cell]))];
    }),
  );
  const written = Object.fromEntries(
    Object.entries(pluginLifecycle).map(([situation, outcomes]) => [
      situation,
      Object.fromEntries(
        Object.entries(outcomes).map(([event, outcome]) => {
          if (outcome.kind !== 'become') return [event, outcome.kind];
          return [event, outcome.ifFresh ? `${outcome.state},ifFresh` : outcome.state];
        }),
      ),
    ]),
  );
  expect(written).toEqual(table);
});

test('P5: a plugin has a deadline while it is being provisioned, the first time or again', () => {
  expect(statesWithDeadline).toEqual(['PROVISIONING', 'RE_PROVISIONING']);
});

test('P6: of managed plugins only an ACTIVE one changes when it is missing', () => {
  expect(statesMissingMatters).toEqual(['ACTIVE']);
});

test('every state but NONE can be reported, and RE_PROVISIONING means that the agent is still at work', () => {
  expect(reportedEvents).toEqual({
    NONE: null,
    PROVISIONING: 'reportedProvisioning',
    RE_PROVISIONING: 'reportedProvisioning',
    ACTIVE: 'reportedActive',
    ERROR: 'reportedError',
  });
});
