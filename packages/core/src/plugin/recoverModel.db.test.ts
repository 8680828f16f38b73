import type { Plugin, PluginState } from '@muster/db';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { modelRuns } from '../../testing/model/modelRuns.ts';
import {
  enabledSupervisor,
  insertManagedPlugin,
  newDomain,
  publish,
  type TestDomain,
  useTestCore,
} from '../../testing/testCore.ts';
import { deregisterSupervisor } from '../supervisor/deregister.ts';
import { sweep } from '../sweep/sweep.ts';
import { recoverPlugin } from './recover.ts';

const t = useTestCore({
  // Leases outlast the deadlines, and what is in no report stays: this is about P2, P3 and P5 alone.
  settings: { leaseSeconds: 1_000_000_000, missingReports: 1_000_000_000, limits: { pluginsPerReport: 2_000 } },
});

/** Past a deadline, and past the first five pauses between attempts. */
const whileMs = 601_000;
const budget = 10;

/**
 * What domain.md says of one plugin and its agent, in its words and without a look at the code: P2, P3, P5 and the
 * lifecycle's table.
 */
class Model {
  state: PluginState;
  generation = 1;
  attempt = 1;
  /** The generation that the agent last saw, and the one that it saw before that: reports may be late. */
  fetched = 1;
  fetchedBefore = 1;
  private now = 0;
  private deadlineAt: number | null = null;
  private nextAttemptAt: number | null = null;
  private observed: number;
  private readonly managed: boolean;

  constructor(managed: boolean) {
    this.managed = managed;
    this.state = 'ACTIVE';
    // A report is what makes an unmanaged one.
    this.observed = managed ? 0 : 1;
  }

  fetch(): void {
    this.fetchedBefore = this.fetched;
    this.fetched = this.generation;
  }

  recover(): void {
    this.generation += 1;
    this.attempt = 1;
    this.become('RE_PROVISIONING');
  }

  /** About `generation`, or, from an agent that knows none, about no one in particular. */
  report(state: 'PROVISIONING' | 'ACTIVE' | 'ERROR', generation: number | null): void {
    const current = generation === this.generation;
    const isAttemptedAgain = this.isAttemptedAgain();
    if (current) this.observed = this.generation;
    else if (generation !== null) return;
    if (this.state === 'RE_PROVISIONING' && (state === 'PROVISIONING' || !current)) return;
    if (state !== this.state) this.become(state);
    if (state === 'ERROR' && isAttemptedAgain) this.nextAttemptAt ??= this.nextAttempt();
  }

  timePasses(): void {
    this.now += whileMs;
    if (this.deadlineAt !== null && this.deadlineAt < this.now) {
      const isAttemptedAgain = this.isAttemptedAgain();
      this.become('ERROR');
      if (isAttemptedAgain) this.nextAttemptAt = this.nextAttempt();
    } else if (this.nextAttemptAt !== null && this.nextAttemptAt <= this.now) {
      this.generation += 1;
      this.attempt += 1;
      this.become('RE_PROVISIONING');
    }
  }

  /** Whether an operator asked for the plugin, and its budget isn't spent. */
  private isAttemptedAgain(): boolean {
    const isAskedFor = this.managed || this.state === 'RE_PROVISIONING' || this.observed < this.generation;
    return isAskedFor && this.attempt < budget;
  }

  private nextAttempt(): number {
    return this.now + 1_000 * Math.min(30 * 2 ** (this.attempt - 1), 3_600);
  }

  private become(state: PluginState): void {
    this.state = state;
    this.nextAttemptAt = null;
    this.deadlineAt = state.endsWith('PROVISIONING') ? this.now + 600_000 : null;
    if (state === 'ACTIVE') this.attempt = 1;
  }

  seen() {
    const { state, generation, attempt } = this;
    return { state, generation, attempt, waits: this.nextAttemptAt !== null };
  }
}

const seen = ({ state, generation, attempt, nextAttemptAt }: Plugin) => ({
  state,
  generation,
  attempt,
  waits: nextAttemptAt !== null,
});

/** A plugin that is recovered keeps waiting for a report about the new generation, whatever else is reported. */
function expectNotUndone(before: ReturnType<typeof seen>, after: Plugin, reported: number | null): void {
  if (before.state === 'RE_PROVISIONING' && reported !== before.generation) {
    expect(after).toMatchObject({ state: 'RE_PROVISIONING', generation: before.generation });
  }
}

/** The letters of the words below. */
const letters = ['fetch', 'recover', 'active', 'lateActive', 'time'] as const;
type Letter = (typeof letters)[number];

function wordsOf(length: number): Letter[][] {
  if (length === 0) return [[]];
  return wordsOf(length - 1).flatMap((word) => letters.map((letter) => [...word, letter]));
}

test('P2, P3, P5: no recover is undone by a report about an earlier generation, in any sequence of five steps', async () => {
  // Until the first recover no letter does anything: what begins with another is one of these, with fewer steps.
  const words = wordsOf(4).map((word): Letter[] => ['recover', ...word]);
  // Time passes for all at once: words that let it pass in the same places are played together, each by a plugin.
  const groups = Map.groupBy(words, (word) => word.map((letter) => (letter === 'time' ? 't' : '-')).join(''));
  let played = 0;
  for (const group of groups.values()) played += await play(group);
  expect(played).toBe(letters.length ** 4);
}, 60_000);

test('P2, P3, P5: until the first recover no step changes a plugin', async () => {
  const words = letters.filter((letter) => letter !== 'recover').map((letter): Letter[] => [letter]);
  for (const word of words) {
    const model = new Model(false);
    const before = model.seen();
    expect(await play([word])).toBe(1);
    for (const letter of word) takeStep(model, letter);
    expect(model.seen()).toEqual(before);
  }
});

const hostname = 'host-1';
const version = '1.0';

/** Applies a letter to the model; returns the generation that it reports, if any. */
function takeStep(model: Model, letter: Letter | undefined): number | undefined {
  switch (letter) {
    case 'fetch':
      model.fetch();
      return undefined;
    case 'recover':
      model.recover();
      return undefined;
    case 'time':
      model.timePasses();
      return undefined;
    default: {
      const generation = letter === 'active' ? model.fetched : model.fetchedBefore;
      model.report('ACTIVE', generation);
      return generation;
    }
  }
}

/** Plays words side by side, and compares each plugin with its model after each letter; returns how many there were. */
async function play(words: Letter[][]): Promise<number> {
  const domain = newDomain();
  const { id: supervisorId } = await enabledSupervisor(t, domain, { hostname });
  const players = words.map((word, i) => ({
    word,
    model: new Model(false),
    pluginId: `p-${String(i).padStart(4, '0')}`,
  }));
  const plugins = players.map(({ pluginId }) => ({ pluginId, version, state: 'ACTIVE' as const }));
  await publish(t, domain, { hostname, plugins });
  for (let place = 0; place < (words[0]?.length ?? 0); place++) {
    const steps = players.map(({ word, model, pluginId }) => {
      const letter = word[place];
      return { letter, pluginId, model, before: model.seen(), reported: takeStep(model, letter) };
    });
    const recovered = steps.filter(({ letter }) => letter === 'recover');
    await Promise.all(
      recovered.map(({ pluginId }) => recoverPlugin(t.core, domain.operator, { supervisorId, pluginId, version })),
    );
    const reporting = steps.filter(({ reported }) => reported !== undefined);
    if (reporting.length > 0) {
      await publish(t, domain, {
        hostname,
        plugins: reporting.map(({ pluginId, reported }) => ({
          pluginId,
          version,
          state: 'ACTIVE',
          observedGeneration: reported,
        })),
      });
    }
    if (steps.some(({ letter }) => letter === 'time')) {
      t.advance(whileMs);
      await sweep(t.core);
    }
    const rows = await t.db.prisma.plugin.findMany({ where: { supervisorId }, orderBy: { pluginId: 'asc' } });
    const told = (i: number) => words[i]?.slice(0, place + 1).join(' ');
    expect(rows.map((row, i) => ({ told: told(i), ...seen(row) }))).toEqual(
      steps.map(({ model }, i) => ({ told: told(i), ...model.seen() })),
    );
    for (const [i, row] of rows.entries()) {
      const step = steps[i];
      if (step?.reported !== undefined) expectNotUndone(step.before, row, step.reported);
    }
  }
  await deregisterSupervisor(t.core, domain.operator, { supervisorId, force: true });
  return words.length;
}

interface Real {
  domain: TestDomain;
  supervisorId: string;
}

const identity = { pluginId: 'collector', version };

/** A step of the model, and what is done to the real plugin; the two must agree afterwards. */
class Step implements fc.AsyncCommand<Model, Real> {
  private readonly name: string;
  private readonly act: (model: Model, real: Real) => Promise<number | null | undefined>;

  /** `act` returns the generation that it reported; undefined where it reported nothing. */
  constructor(name: string, act: (model: Model, real: Real) => Promise<number | null | undefined>) {
    this.name = name;
    this.act = act;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, real: Real): Promise<void> {
    const before = model.seen();
    const reported = await this.act(model, real);
    const plugin = await t.db.prisma.plugin.findFirstOrThrow({ where: { supervisorId: real.supervisorId } });
    expect(seen(plugin)).toEqual(model.seen());
    if (reported !== undefined) expectNotUndone(before, plugin, reported);
  }

  toString(): string {
    return this.name;
  }
}

const reports = (['PROVISIONING', 'ACTIVE', 'ERROR'] as const).flatMap((state) =>
  (['fetched', 'fetchedBefore', 'none'] as const).map(
    (which) =>
      new Step(`${state} of ${which}`, async (model, { domain }) => {
        const generation = which === 'none' ? null : model[which];
        model.report(state, generation);
        await publish(t, domain, { hostname, plugins: [{ ...identity, state, observedGeneration: generation }] });
        return generation;
      }),
  ),
);

const others = [
  new Step('fetch', async (model) => {
    model.fetch();
    return undefined;
  }),
  new Step('recover', async (model, { domain, supervisorId }) => {
    model.recover();
    await recoverPlugin(t.core, domain.operator, { supervisorId, ...identity });
    return undefined;
  }),
  new Step('time', async (model) => {
    model.timePasses();
    t.advance(whileMs);
    await sweep(t.core);
    return undefined;
  }),
];

const { count: runs, firstSeed: seed } = modelRuns(25);

test(
  'P2, P3, P5: state, generation and attempt are what the model says, whatever comes in whatever order',
  async () => {
    const commands = fc.commands(
      [...[...others, ...others].map((step) => fc.constant(step)), ...reports.map((step) => fc.constant(step))],
      {
        maxCommands: 20,
        size: 'max',
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.boolean(), commands, async (managed, steps) => {
        const domain = newDomain();
        const { id: supervisorId, domainId } = await enabledSupervisor(t, domain, { hostname });
        if (managed) await insertManagedPlugin(t, { id: supervisorId, domainId });
        else await publish(t, domain, { hostname, plugins: [{ ...identity, state: 'ACTIVE' }] });
        await fc.asyncModelRun(() => ({ model: new Model(managed), real: { domain, supervisorId } }), steps);
        await deregisterSupervisor(t.core, domain.operator, { supervisorId, force: true });
      }),
      { numRuns: runs, seed },
    );
  },
  60_000 + 2_000 * runs,
);
