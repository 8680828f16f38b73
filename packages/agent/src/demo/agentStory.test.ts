import { describe, expect, it } from 'vitest';
import type { ListedPlugin } from '../contract.ts';
import type { PublishAnswer } from '../supervisorAgent.ts';
import { advance, firstState, learn, vanishedForRounds } from './agentStory.ts';
import type { SupervisorPlan } from './fleet.ts';
import type { AgentState, PluginRun } from './state.ts';

const [one, two, three] = ['one', 'two', 'three'].map((pluginId) => ({ pluginId, version: '1.0' })) as [
  { pluginId: string; version: string },
  { pluginId: string; version: string },
  { pluginId: string; version: string },
];
const hostname = 'dev.acme';
const plan: SupervisorPlan = {
  domainId: 'acme',
  name: 'dev',
  hostname,
  plugins: [one, two, three],
  joinsInRound: 2,
  registration: { labels: {}, tags: {}, priority: 0, isPublic: false },
};
const ready = () => 0;
const unready = () => 0.99;

describe('an agent that has not joined yet', () => {
  it('is silent until its round, then publishes that it runs nothing', () => {
    const first = advance(plan, firstState(plan), null, ready);
    expect(first).toMatchObject({ reports: null, notes: [] });
    const second = advance(plan, first.state, null, ready);
    expect(second).toMatchObject({ reports: [], notes: [{ what: 'starts and publishes' }] });
  });
});

describe('an agent that is PENDING', () => {
  it('starts nothing', () => {
    const { state, step } = learn(present(), answer('PENDING'));
    expect(step).toBeNull();
    expect(advance(plan, state, null, ready).reports).toEqual([]);
  });
});

describe('an agent that is ENABLED', () => {
  it('starts its plugins, a few at a time, as soon as it learns so', () => {
    const { step } = learn(present(), answer('ENABLED'));
    expect(step?.reports?.map(({ pluginId, state }) => [pluginId, state])).toEqual([
      ['one', 'PROVISIONING'],
      ['two', 'PROVISIONING'],
    ]);
    expect(step?.notes).toHaveLength(2);
  });

  it('reports a plugin that is up with its endpoint and the generation that it is about', () => {
    const { state } = learn(present({ phase: 'PROVISIONING' }), answer('ENABLED', [listed('one', 1)]));
    const { reports, notes } = advance(plan, state, null, ready);
    const endpoint = `grpc://one-aaaaaaaaaaaaaaa.${hostname}:50051`;
    expect(reports?.[0]).toEqual({
      ...one,
      state: 'ACTIVE',
      endpoint,
      endpoints: [endpoint],
      observedGeneration: 1,
    });
    expect(notes[0]).toMatchObject({ what: 'reports one 1.0 up' });
  });

  it('has nothing to tell while nothing changes', () => {
    const { state } = learn(present({ phase: 'ACTIVE' }), answer('ENABLED'));
    const started = { ...state, plugins: state.plugins.map((run) => ({ ...run, phase: 'ACTIVE' as const })) };
    const { notes, reports } = advance(plan, started, null, unready);
    expect(notes).toEqual([]);
    expect(reports).toHaveLength(3);
    expect(learn(started, answer('ENABLED')).step).toBeNull();
  });

  it('reports a failure with its message and without an endpoint', () => {
    const state = present({ phase: 'ACTIVE', endpoint: 'grpc://one:50051' });
    const { reports } = advance(plan, state, { kind: 'fail', hostname, plugin: one }, unready);
    expect(reports?.[0]).toMatchObject({ ...one, state: 'ERROR', message: expect.stringMatching(/.+/) });
    expect(reports?.[0]).not.toHaveProperty('endpoint');
  });

  it('stays failed until somebody recovers the plugin', () => {
    const state = present({ phase: 'ERROR', message: 'OOMKilled' });
    const reports = advance(plan, state, null, ready).reports;
    expect(reports?.[0]).toMatchObject({ state: 'ERROR', message: 'OOMKilled' });
  });

  it('adds a malformed report to those that are well', () => {
    const report = { ...one, version: '', state: 'ACTIVE' } as const;
    const { reports, state } = advance(
      plan,
      present({ phase: 'ACTIVE' }),
      { kind: 'malformed', hostname, report },
      ready,
    );
    expect(reports?.at(-1)).toBe(report);
    expect(advance(plan, state, null, ready).reports).not.toContain(report);
  });
});

describe('an agent that is DISABLED', () => {
  it('starts nothing more, and keeps what runs running', () => {
    const { step, state } = learn(present({ phase: 'ACTIVE' }), answer('DISABLED'));
    expect(step).toBeNull();
    expect(advance(plan, state, null, ready).reports).toMatchObject([{ ...one, state: 'ACTIVE' }]);
  });
});

describe('a recovery', () => {
  const failed = present({ phase: 'ERROR', generation: 1, message: 'OOMKilled' });

  it('makes the agent start over at once, and say for which generation', () => {
    const { step } = learn(failed, answer('DISABLED', [listed('one', 2, 'RE_PROVISIONING')]));
    expect(step?.reports).toEqual([{ ...one, state: 'PROVISIONING', observedGeneration: 2 }]);
    expect(step?.notes).toMatchObject([{ what: 'restarts one 1.0 for generation 2' }]);
  });

  it('ends with a report of the new generation', () => {
    const { state } = learn(failed, answer('DISABLED', [listed('one', 2, 'RE_PROVISIONING')]));
    const { reports } = advance(plan, state, null, ready);
    expect(reports).toMatchObject([{ ...one, state: 'ACTIVE', observedGeneration: 2 }]);
  });

  it('is noticed by an agent that is ahead of a server which lost its data', () => {
    const ahead = present({ phase: 'ERROR', generation: 5, message: 'OOMKilled' });
    const { step } = learn(ahead, answer('DISABLED', [listed('one', 2, 'RE_PROVISIONING')]));
    expect(step?.reports).toMatchObject([{ state: 'PROVISIONING', observedGeneration: 2 }]);
  });

  it('is not asked for by a generation alone', () => {
    const { step, state } = learn(present({ phase: 'ACTIVE' }), answer('DISABLED', [listed('one', 3)]));
    expect(step).toBeNull();
    expect(state.plugins[0]).toMatchObject({ phase: 'ACTIVE', generation: 3 });
  });
});

describe('an agent that vanishes', () => {
  it('reports nothing for its time away, then runs afresh', () => {
    let step = advance(plan, present({ phase: 'ACTIVE' }), { kind: 'vanish', hostname }, ready);
    expect(step).toMatchObject({ reports: null, notes: [{ what: 'falls silent' }] });
    for (let round = 1; round < vanishedForRounds; round++) {
      step = advance(plan, step.state, null, ready);
      expect(step).toMatchObject({ reports: null, notes: [] });
    }
    step = advance(plan, step.state, null, ready);
    expect(step.reports).toEqual([]);
    expect(step.state.supervisorState).toBeNull();
  });
});

/** An agent that publishes, with its first plugin at this and the others stopped. */
function present(run: Partial<PluginRun> = {}): AgentState {
  const { plugins, supervisorState } = firstState(plan);
  return { awayFor: 0, supervisorState, plugins: plugins.map((each, i) => (i === 0 ? { ...each, ...run } : each)) };
}

function answer(state: PublishAnswer['state'], plugins: readonly ListedPlugin[] = []): PublishAnswer {
  return { supervisorId: 'supervisor-1', state, plugins, rejected: [], token: null, nextPublishInMs: 5_000 };
}

function listed(pluginId: string, generation: number, state: ListedPlugin['state'] = 'ACTIVE'): ListedPlugin {
  return { pluginId, version: '1.0', state, generation };
}
