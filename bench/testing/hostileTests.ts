import { createPostgresDatabase, spawnGuarded, testDatabaseKind } from '@muster/db/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Arena, openArena } from '../src/hostile/arena.ts';
import type { Attack, AttackFamily } from '../src/hostile/attack.ts';
import { attacks } from '../src/hostile/attacks.ts';
import { operationNames } from '../src/hostile/innocentProtocol.ts';
import { measureAttack, measureQuiet, type Phase } from '../src/hostile/phase.ts';
import { readTraces, type Traces } from '../src/hostile/traces.ts';

const seconds = { quiet: 2, attack: 2 };
/** The figures are those of a machine that may do anything else besides: what matters is that answers come. */
const readyWithinMs = 10_000;
const slowerBy = 100;
/** A quiet median below this is that of a lucky moment. */
const leastQuietMs = 5;
/** Connections of the server's pools that an attack may open, and that stay. */
const filesMore = 30;

/** Attacks that no bound answers yet. The commit that builds the bound takes them out. */
const unanswered: ReadonlySet<string> = new Set(['log-resumption']);

/** Plays all attacks of a family against one server, each beside an innocent tenant in a process that does nothing else. */
export function playAttacks(family: AttackFamily): void {
  // The embedded database takes one statement at a time: it is for trials, and bounds nobody. Figures of processes are
  // read from /proc, and the attacker needs a local address that only Linux gives without being asked.
  describe.skipIf(testDatabaseKind() !== 'postgresql' || process.platform !== 'linux')(`attacks (${family})`, () => {
    const { signal } = new AbortController();
    const undo = new AsyncDisposableStack();
    let arena: Arena;
    let quiet: Phase;
    beforeAll(async () => {
      const database = await createPostgresDatabase();
      undo.defer(() => database.drop());
      const options = { databaseUrl: database.url, supervisors: 300, plugins: 10, rate: 10, start: spawnGuarded };
      arena = undo.use(await openArena(options, signal));
      // The first phase compiles the server's code.
      await measureQuiet(arena, seconds.quiet, readyWithinMs, signal);
      quiet = await measureQuiet(arena, seconds.quiet, readyWithinMs, signal);
    });
    afterAll(() => undo.disposeAsync());

    const played = attacks.filter((attack) => attack.family === family && !unanswered.has(attack.name));
    test.for(
      played.map(
        (attack) =>
          [
            `${attack.name}: ${attack.summary} (${attack.bounds.map((bound) => `W${bound}`).join(', ')})`,
            attack,
          ] as const,
      ),
    )('%s: an innocent tenant gets its answers, /ready stays true, and nothing stays behind', async ([, attack]) => {
      const before = await readTraces(arena.server);
      const { innocent, server, outcomes } = await measureAttack(
        arena,
        attack,
        { seconds: seconds.attack, readyWithinMs },
        signal,
      );
      for (const name of operationNames) {
        expect(innocent[name].errors, `${name} of the innocent tenant`).toEqual({});
        expect(
          innocent[name].p50Ms / Math.max(leastQuietMs, quiet.innocent[name].p50Ms),
          `how much slower ${name} is`,
        ).toBeLessThan(slowerBy);
      }
      expect(server.notReady).toBe(0);
      expectAnswers(attack, outcomes);
      await expectNothingLeft(arena, before);
    });
  });
}

/** The attacker's answers are refusals, or what was asked for; never a fault of the server. */
function expectAnswers({ isRefused }: Attack, outcomes: Readonly<Record<string, number>>): void {
  const names = Object.keys(outcomes);
  expect(names.filter((name) => /INTERNAL|UNAVAILABLE|^5\d\d$/.test(name))).toEqual([]);
  if (isRefused) expect(names).not.toContain('ok');
}

async function expectNothingLeft({ server }: Arena, before: Traces): Promise<void> {
  await expect
    .poll(async () => {
      const after = await readTraces(server);
      return {
        statements: after.statements > before.statements,
        webSockets: after.webSockets > before.webSockets,
        streams: after.streams > before.streams,
        openFiles: after.openFiles > before.openFiles + filesMore,
      };
    })
    .toEqual({ statements: false, webSockets: false, streams: false, openFiles: false });
}
