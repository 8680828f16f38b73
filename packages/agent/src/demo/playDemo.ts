import { setTimeout as sleep } from 'node:timers/promises';
import { createGraphqlClient } from '../graphqlClient.ts';
import { RequestError } from '../requestError.ts';
import { isAboutCredential } from './attempt.ts';
import { DemoError } from './demoError.ts';
import { planFleet } from './fleet.ts';
import { createMember, type Member } from './member.ts';
import type { Narrate } from './narrator.ts';
import { createOperators, type Operator } from './operator.ts';
import { playPlacementScene } from './placementScene.ts';
import type { Random } from './random.ts';
import { nextIncident } from './script.ts';
import { waitForServer } from './server.ts';

export interface DemoOptions {
  /** Where the server's GraphQL endpoint is. */
  url: string;
  /** An ADMIN's credential; none is needed for a server that runs open. */
  token?: string | undefined;
  /** How many rounds to play. Default: until the signal. */
  rounds?: number | undefined;
  /** Decides the story: the same numbers and the same answers give the same run. */
  random: Random;
  narrate: Narrate;
  /** Ends the demo, in the midst of whatever it does. */
  signal?: AbortSignal;
  /** How long a round takes, and how long an agent waits at most to publish. Default 2,000 ms. */
  tickMs?: number;
}

/** How often the operators sum up what they see. */
const summaryEveryRounds = 10;
/** The share of a round over which the agents' publishes are spread. */
const agentsShare = 0.8;
/** When the scene about placement begins, once the fleet is up and each kind of incident has been seen. */
const placementRound = 15;

/**
 * Plays a fleet of 12 supervisors and their operators through the public API. Resolves when the rounds are over or the
 * signal is aborted; waits out a server that can't be reached.
 *
 * @throws DemoError when the server wants another credential
 */
export async function playDemo(options: DemoOptions): Promise<void> {
  const { url, token, narrate, rounds = Number.POSITIVE_INFINITY, tickMs = 2_000 } = options;
  const signal = options.signal ?? new AbortController().signal;
  const client = createGraphqlClient({ url, token });
  const plans = planFleet();
  const cast: Cast = {
    members: plans.map((plan) => createMember({ client, plan, narrate, signal })),
    operators: createOperators({ client, plans, narrate, signal }),
  };
  const server = { client, narrate, retryMs: tickMs, signal };
  let scene: Promise<void> | undefined;
  try {
    await waitForServer(server);
    for (let round = 1; round <= rounds; round++) {
      const began = performance.now();
      if (round === placementRound) {
        scene = playPlacementScene({ client, narrate, tickMs, signal });
        // What it throws is met at the end, and until then by nobody.
        scene.catch(() => {});
      }
      const trouble = await playRound(round, cast, options.random, tickMs);
      if (trouble) await waitForServer(server, trouble);
      await sleep(Math.max(0, began + tickMs - performance.now()), undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await scene;
  }
}

interface Cast {
  members: readonly Member[];
  operators: readonly Operator[];
}

/** Returns why the server could not be reached, if so. */
async function playRound(round: number, cast: Cast, random: Random, tickMs: number): Promise<RequestError | undefined> {
  const incident = nextIncident(round, cast.members, random);
  const incidentOf = (member: Member) => (incident?.hostname === member.plan.hostname ? incident : null);
  // All that is random is decided before anything is waited for, or a run could not be repeated.
  const steps = cast.members.map((member) => member.step(incidentOf(member), random));
  const placeMs = (tickMs * agentsShare) / steps.length;
  const trouble = await settle(steps.map((publish, place) => publish(place * placeMs)));
  if (trouble) return trouble;
  const tells = round % summaryEveryRounds === 0;
  return settle(cast.operators.map((operator) => operator.act(incident, tells)));
}

/** Waits for all, and returns the first trouble that may pass by itself; any other is thrown. */
async function settle(actions: readonly Promise<void>[]): Promise<RequestError | undefined> {
  const settled = await Promise.allSettled(actions);
  const errors = settled.flatMap((each): unknown[] => (each.status === 'rejected' ? [each.reason] : []));
  const troubles = errors.filter((error) => error instanceof RequestError);
  const refusal = troubles.find(isAboutCredential);
  if (refusal) {
    throw new DemoError(
      `The server refused the demo's credential (${refusal.code}: ${refusal.message}). The demo plays in several domains, so it needs an ADMIN's token for no single one, in MUSTER_TOKEN.`,
    );
  }
  const fault = errors.find((error) => !(error instanceof RequestError));
  if (fault !== undefined) throw fault;
  return troubles[0];
}
