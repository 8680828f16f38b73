import { describe, expect, it } from 'vitest';
import { type Command, decide, type Memory, type SupervisorView, summarize } from './operatorStory.ts';
import type { Incident } from './script.ts';

describe('an operator', () => {
  it('registers a newcomer at the second look, so that it can be seen PENDING', () => {
    expect(kinds(look(alive([view({ state: 'PENDING' }), view({ state: 'PENDING' })])))).toEqual([[], ['register']]);
  });

  it('recovers a plugin that is still failing at the second look, and only that one', () => {
    const failing = view({ plugins: [plugin('one', 'ERROR'), plugin('two', 'ACTIVE')] });
    const alsoTwo = view({ plugins: [plugin('one', 'ERROR'), plugin('two', 'ERROR')] });
    const looks = look(alive([failing, alsoTwo]));
    expect(looks).toMatchObject([[], [{ kind: 'recover', plugin: { pluginId: 'one' } }]]);
  });

  it('recovers nothing on a supervisor that is DISABLED', () => {
    const failing = view({ state: 'DISABLED', plugins: [plugin('one', 'ERROR')] });
    expect(kinds(look(alive([failing, failing])))).toEqual([[], []]);
  });

  it('disables the supervisor that is due for maintenance, and enables it again some looks later', () => {
    const incident: Incident = { kind: 'maintain', hostname: 'dev.acme' };
    const disabled = view({ state: 'DISABLED' });
    const views = alive([view(), view(), disabled, disabled, disabled, disabled]);
    const looks = look(views, (n) => (n === 1 ? incident : null));
    expect(kinds(looks)).toEqual([[], ['disable'], [], [], [], ['enable']]);
  });

  it('leaves the maintenance of another supervisor to its operator', () => {
    expect(kinds(look([view()], () => ({ kind: 'maintain', hostname: 'dev.globex' })))).toEqual([[]]);
  });

  it('deregisters a supervisor that was not seen for four looks', () => {
    const silent = () => view({ lastSeenAt: '2026-01-01T00:00:00Z' });
    expect(kinds(look([silent(), silent(), silent(), silent(), silent()]))).toEqual([[], [], [], [], ['deregister']]);
  });

  it('starts counting anew once the supervisor is seen again', () => {
    const at = (second: number) => view({ lastSeenAt: `2026-01-01T00:00:0${second}Z` });
    expect(kinds(look([at(1), at(1), at(1), at(1), at(2), at(2)]))).toEqual([[], [], [], [], [], []]);
  });

  it('takes a supervisor that came back under another id for a newcomer', () => {
    const silent = view({ state: 'PENDING', lastSeenAt: '2026-01-01T00:00:00Z' });
    const anew = { ...silent, id: 'supervisor-2' };
    expect(kinds(look([silent, anew]))).toEqual([[], []]);
  });
});

describe('a summary', () => {
  it('counts supervisors and plugins by state', () => {
    const views = [
      view({ plugins: [plugin('one', 'ERROR'), plugin('two', 'ACTIVE')] }),
      view({ plugins: [plugin('one', 'ACTIVE')] }),
      view({ state: 'PENDING' }),
    ];
    expect(summarize(views)).toBe('2 ENABLED, 1 PENDING; plugins: 2 ACTIVE, 1 ERROR');
    expect(summarize([view({ state: 'PENDING' })])).toBe('1 PENDING');
    expect(summarize([])).toBe('nobody yet');
  });
});

/** The commands after each of a number of looks at one supervisor. */
function look(views: readonly SupervisorView[], incidentAt: (n: number) => Incident | null = () => null): Command[][] {
  let memory: Memory = new Map();
  return views.map((each, n) => {
    const decision = decide(memory, [each], incidentAt(n));
    memory = decision.memory;
    return decision.commands;
  });
}

const kinds = (looks: readonly Command[][]) => looks.map((commands) => commands.map((command) => command.kind));

/** Looks at a supervisor that is seen between any two of them. */
function alive(views: readonly SupervisorView[]): SupervisorView[] {
  return views.map((each, n) => ({ ...each, lastSeenAt: `2026-01-01T00:00:0${n}Z` }));
}

function view(changes: Partial<SupervisorView> = {}): SupervisorView {
  return {
    id: 'supervisor-1',
    name: 'dev',
    hostname: 'dev.acme',
    state: 'ENABLED',
    lastSeenAt: null,
    plugins: [],
    ...changes,
  };
}

function plugin(pluginId: string, state: SupervisorView['plugins'][number]['state']) {
  return { pluginId, version: '1.0', state, generation: 1 };
}
