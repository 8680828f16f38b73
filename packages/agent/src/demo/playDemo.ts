import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, RequestError } from '@muster/client';
import { isAboutCredential } from './attempt.ts';
import { DemoError } from './demoError.ts';
import { planFleet } from './fleet.ts';
import { createMember, type Member } from './member.ts';
import type { Narrate } from './narrator.ts';
import { createOperators, type Operator } from './operator.ts';
import { playPlacementScene } from './placementScene.ts';
import type { Random } from './random.ts';
import type { SceneOptions } from './scene.ts';
import { nextIncident } from './script.ts';
import { waitForServer } from './server.ts';
import { playWorkshopScene } from './workshopScene.ts';

/** Where and how long the demo plays. */
export interface DemoOptions {
  /** URL of the server's GraphQL endpoint. */
  url: string;
  /** An ADMIN's token; not needed for a server that runs open. */
  token?: string | undefined;
  /** Number of rounds to play. Default: until the signal aborts. */
  rounds?: number | undefined;
  /** Decides the story: the same numbers and the same answers of the server give the same run. */
  random: Random;
  narrate: Narrate;
  /** Ends the demo at any point. Default: never. */
  signal?: AbortSignal;
  /** Duration of a round, and maximum wait of an agent before a publish. Default 2,000 ms. */
  tickMs?: number;
}

/** Rounds between two summaries by the operators. */
const summaryEveryRounds = 10;
/** The share of a round over which the agents' publishes are spread. */
const agentsShare = 0.8;
/** The rounds in which scenes begin beside the fleet: it is up, and each kind of incident has happened. */
const scenes: ReadonlyMap<number, (options: SceneOptions) => Promise<void>> = new Map([
  [13, playWorkshopScene],
  [15, playPlacementScene],
]);

/**
 * Plays a fleet of 12 supervisors and their operators through the public API. Resolves when the rounds are over or the
 * signal aborts; waits while the server can't be reached.
 *
 * @throws DemoError if the server refuses the credential
 */
export async function playDemo(options: DemoOptions): Promise<void> {
  const { url, token, narrate, rounds = Number.POSITIVE_INFINITY, tickMs = 2_000 } = options;
  const signal = options.signal ?? new AbortController().signal;
  const client = createClient({ url, token });
  const plans = planFleet();
  const cast: Cast = {
    members: plans.map((plan) => createMember({ client, plan, narrate, signal })),
    operators: createOperators({ client, plans, narrate, signal }),
  };
  const server = { client, narrate, retryMs: tickMs, signal };
  const playing: Promise<void>[] = [];
  try {
    await waitForServer(server);
    for (let round = 1; round <= rounds; round++) {
      const began = performance.now();
      const play = scenes.get(round);
      if (play) {
        const scene = play({ client, narrate, tickMs, signal });
        // Its error is thrown at the end; until then it must not count as unhandled.
        scene.catch(() => {});
        playing.push(scene);
      }
      const trouble = await playRound(round, cast, options.random, tickMs);
      if (trouble) await waitForServer(server, trouble);
      await sleep(Math.max(0, began + tickMs - performance.now()), undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await endAll(playing);
  }
}

/** Waits until all scenes have ended; rejects with the first error of one. */
async function endAll(scenes: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(scenes);
  await Promise.all(scenes);
}

interface Cast {
  members: readonly Member[];
  operators: readonly Operator[];
}

/** Plays a round; returns the error if the server could not be reached. */
async function playRound(round: number, cast: Cast, random: Random, tickMs: number): Promise<RequestError | undefined> {
  const incident = nextIncident(round, cast.members, random);
  const incidentOf = (member: Member) => (incident?.hostname === member.plan.hostname ? incident : null);
  // All random choices come before the first await, so that a run can be repeated.
  const steps = cast.members.map((member) => member.step(incidentOf(member), random));
  const offsetMs = (tickMs * agentsShare) / steps.length;
  const trouble = await settle(steps.map((publish, index) => publish(index * offsetMs)));
  if (trouble) return trouble;
  const summarizes = round % summaryEveryRounds === 0;
  return settle(cast.operators.map((operator) => operator.act(incident, summarizes)));
}

/** Waits for all actions; returns the first error that a retry may mend, and throws any other. */
async function settle(actions: readonly Promise<void>[]): Promise<RequestError | undefined> {
  const settled = await Promise.allSettled(actions);
  const errors = settled.flatMap((each): unknown[] => (each.status === 'rejected' ? [each.reason] : []));
  const troubles = errors.filter((error) => error instanceof RequestError);
  const refusal = troubles.find(isAboutCredential);
  if (refusal) {
    throw new DemoError(
      `The server refused the demo's credential (${refusal.code}: ${refusal.message}). The demo plays in several domains, so it needs an ADMIN's key for no single one, in MUSTER_TOKEN: the mutation createApiKey makes one, and so does "npx -y pnpm@12 muster keys create --name demo --role ADMIN".`,
    );
  }
  const fault = errors.find((error) => !(error instanceof RequestError));
  if (fault !== undefined) throw fault;
  return troubles[0];
}
