import { describe, expect, it } from 'vitest';
import type { Observed } from '../driver/observed.ts';
import { type Action, currentOf, decide, type Health, type PluginView } from './decide.ts';
import { newRecord, type PluginRecord } from './record.ts';

const statuses: readonly Observed['status'][] = ['CREATED', 'RUNNING', 'ENDED', 'FAILING'];
const healths: readonly Health[] = ['STARTING', 'HEALTHY', 'UNHEALTHY'];
const nowMs = 1_000_000;

function thing(generation: number, status: Observed['status']): Observed {
  const identity = {
    owner: 'o',
    domainId: 'd',
    pluginId: 'p',
    version: '1',
    specHash: 'h',
    agentVersion: '0',
    generation,
  };
  const startedAtMs = status === 'CREATED' ? null : 500 + generation;
  return { id: `g${generation}`, identity, status, startedAtMs, exitCode: null, reason: null, ports: [] };
}

const fresh = newRecord(2, 'h');
const records: readonly (PluginRecord | null)[] = [
  null,
  fresh,
  { ...fresh, failures: 1, countedStartMs: 502, nextTryAtMs: nowMs + 1 },
  { ...fresh, failures: 1, countedStartMs: 502, nextTryAtMs: nowMs },
];
const targets: readonly PluginView['target'][] = [
  null,
  { generation: 2, specHash: null },
  { generation: 2, specHash: 'h' },
];
const collections: readonly (readonly Observed[])[] = [
  [],
  ...statuses.flatMap((current) => [
    [thing(2, current)],
    [thing(1, current)],
    ...statuses.map((old) => [thing(1, old), thing(2, current)]),
  ]),
];

/** Every view that differs in what a decision depends on. */
const views: readonly PluginView[] = targets.flatMap((target) =>
  collections.flatMap((things) =>
    records.flatMap((record) =>
      healths.flatMap((health) =>
        [true, false].flatMap((runsBeside) =>
          [true, false].map((restartsItself) => ({
            target,
            things,
            record,
            healthOf: () => health,
            runsBeside,
            restartsItself,
            nowMs,
          })),
        ),
      ),
    ),
  ),
);
const decisions = views.map((view) => ({ view, action: decide(view), current: currentOf(view) }));
const where = (choose: (decision: (typeof decisions)[number]) => boolean) => decisions.filter(choose);
const touched = (action: Action) => ('thing' in action ? action.thing : undefined);
const removes = ({ kind }: Action) => kind === 'STOP' || kind === 'REMOVE';

describe(`the next step, in each of ${views.length} views`, () => {
  it('makes nothing where the wish is answered already, and nothing twice (G7)', () => {
    expect(where(({ action, current }) => action.kind === 'CREATE' && current !== undefined)).toEqual([]);
  });

  it('stops what answers the wish for one reason alone: its health is lost, and that has been counted (G3, G5)', () => {
    const stopped = where(
      ({ action, current }) => removes(action) && current !== undefined && touched(action) === current,
    );
    expect(stopped.length).toBeGreaterThan(0);
    for (const { view, action, current } of stopped) {
      expect([action.kind, current && view.healthOf(current), view.restartsItself]).toEqual([
        'STOP',
        'UNHEALTHY',
        false,
      ]);
      expect(view.record?.countedStartMs).toBe(current?.startedAtMs);
    }
  });

  it('removes the old once the new is healthy, or where there is no room for both (G4)', () => {
    const removed = where(
      ({ view, action, current }) => view.target !== null && removes(action) && touched(action) !== current,
    );
    expect(removed.length).toBeGreaterThan(0);
    for (const { view, current } of removed) {
      const isReplaced = current?.status === 'RUNNING' && view.healthOf(current) === 'HEALTHY';
      expect(isReplaced || (current === undefined && !view.runsBeside)).toBe(true);
    }
  });

  it('stops what runs before it removes it (G8)', () => {
    expect(where(({ action }) => action.kind === 'REMOVE' && action.thing.status === 'RUNNING')).toEqual([]);
  });

  it('changes nothing while the wish can not be resolved (G14)', () => {
    const unresolved = where(({ view }) => view.target !== null && view.target.specHash === null);
    expect(new Set(unresolved.map(({ action }) => action.kind))).toEqual(new Set(['NOTHING']));
  });

  it('starts nothing before its pause is over, and waits for its end (G5)', () => {
    const early = where(
      ({ view, action }) => view.record?.nextTryAtMs === nowMs + 1 && /CREATE|START/.test(action.kind),
    );
    expect(early).toEqual([]);
    expect(where(({ action }) => action.kind === 'WAIT' && action.untilMs !== nowMs + 1)).toEqual([]);
  });

  it('counts each end once, and none where the engine restarts by itself (G5)', () => {
    for (const { view, action } of where(
      ({ action: { kind } }) => kind === 'COUNT_END' || kind === 'COUNT_UNHEALTHY',
    )) {
      expect(view.restartsItself).toBe(false);
      expect(view.record?.countedStartMs).not.toBe(touched(action)?.startedAtMs);
    }
  });

  it('comes to an end where nothing is wanted: everything is stopped and removed', () => {
    const unwanted = where(({ view }) => view.target === null);
    expect(
      unwanted.every(({ view, action }) => (view.things.length === 0 ? action.kind === 'NOTHING' : removes(action))),
    ).toBe(true);
  });
});
