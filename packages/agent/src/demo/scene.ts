import { setTimeout as sleep } from 'node:timers/promises';
import type { MusterClient } from '@muster/client';
import { RolloutDocument } from '@muster/client';
import type { JsonObject } from '../contract.ts';
import { brokenVersion } from './depot.ts';
import type { Narrate } from './narrator.ts';

/** Where a scene plays, and how fast. */
export interface SceneOptions {
  client: MusterClient;
  narrate: Narrate;
  /** Pause between two looks, so that a viewer sees each step. */
  tickMs: number;
  signal: AbortSignal;
}

/** The domain and the supervisors of a scene, and what an operator does in it. */
export interface Scene extends SceneOptions {
  readonly domainId: string;
  readonly labels: JsonObject;
  /** The health that an upgrade to a version asks for. */
  healthOf(version: string): { minHealthySeconds: number; healthyDeadlineSeconds: number };
  /** Narrates what the operator did. */
  tell(what: string, result: string): void;
  /** Looks until `look` finds a result, and returns that. */
  until(look: () => Promise<string | undefined>): Promise<string>;
}

/** Maximum wait for a state in milliseconds; afterwards a scene goes on without it. */
const longestWaitMs = 60_000;

/**
 * Sets the scene; nothing is sent.
 *
 * @param place its domain, and the labels of its supervisors
 */
export function createScene(options: SceneOptions, place: { domainId: string; labels: JsonObject }): Scene {
  const { narrate, tickMs, signal } = options;
  return {
    ...options,
    ...place,
    healthOf: (version) => ({
      minHealthySeconds: Math.floor(tickMs / 1_000),
      // A viewer should see a failure, but not wait long for it; a slow server must not make one.
      healthyDeadlineSeconds: version === brokenVersion ? Math.ceil(tickMs / 600) : 2 * (longestWaitMs / 1_000),
    }),
    tell: (what, result) => narrate({ domain: place.domainId, actor: 'operator', what, result }),
    until: async (look) => {
      const endMs = performance.now() + longestWaitMs;
      while (performance.now() < endMs) {
        await sleep(tickMs, undefined, { signal });
        const found = await look();
        if (found !== undefined) return found;
      }
      return 'nothing yet';
    },
  };
}

/** Waits until a rollout is in the state, and returns that with the states of its steps. */
export function untilRollout({ client, signal, until }: Scene, id: string, state: string): Promise<string> {
  return until(async () => {
    const { rollout } = await client.query(RolloutDocument, { id }, signal);
    if (rollout?.state !== state) return undefined;
    const groups = Map.groupBy(rollout.steps.nodes, (step) => step.state);
    const steps = [...groups].map(([step, all]) => `${all.length} ${step}`).join(', ');
    return `${state}, ${steps}`;
  });
}
