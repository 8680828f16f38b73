import { testDatabaseKind } from '@muster/db/testing';
import { testSeed } from '@muster/db/testing/seed';

/** The models that are played, as `pnpm models` names them. */
export type ModelName = 'liveness' | 'placement' | 'rollouts' | 'deployments' | 'attempts';

/** How often a model is played, and with which seeds. */
export interface ModelRuns {
  readonly count: number;
  /** The seed of the first run; each further one is one more. */
  readonly firstSeed: number;
  /** Whether the run says how far it is. */
  readonly tellsProgress: boolean;
}

/** Worlds that are played side by side, and share what happens to all: seeds with one whole quotient by this. */
export const worldsTogether = 50;

/** `usual` runs that are played together, by the seed of the test run; or what `pnpm models` asks for. */
export function modelRuns(usual: number): ModelRuns {
  const given = process.env.MUSTER_TEST_MODEL_RUNS;
  if (given === undefined || given === '') {
    return { count: usual, firstSeed: worldsTogether * testSeed(), tellsProgress: false };
  }
  const count = Number(given);
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new Error(`MUSTER_TEST_MODEL_RUNS: expected a whole number from 1; got ${given}`);
  }
  return { count, firstSeed: testSeed(), tellsProgress: true };
}

/** The command that plays one run again, or more. */
export function replayCommand(model: ModelName, seed: number, runs = 1): string {
  return `npx -y pnpm@12 models --model ${model} --database ${testDatabaseKind()} --runs ${runs} --seed ${seed}`;
}
