import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/**
 * Plays models of the rules against the product, far more often than a run of the tests does: `pnpm models --help`. Each
 * model is a test file; vitest runs it, with the number of runs and the first seed in its environment.
 */
const files: Readonly<Record<string, string>> = {
  liveness: 'packages/core/src/liveness/livenessModel.db.test.ts',
  placement: 'packages/core/src/placement/placementModel.db.test.ts',
  rollouts: 'packages/core/src/placement/rollout/rolloutModel.db.test.ts',
  deployments: 'packages/core/src/placement/deployment/deploymentModel.db.test.ts',
  attempts: 'packages/core/src/plugin/recoverModel.db.test.ts',
};
const names = Object.keys(files);
const databases = ['postgresql', 'pglite'];

const usage = `Plays models of the rules against the product, with random steps.

  --model <name>      ${names.join(', ')}; may be given several times. Default: all.
  --runs <number>     How often each is played. Default: 300.
  --seed <number>     The first run's seed; each further run has the next one. Default: by chance.
  --database <kind>   ${databases.join(' or ')}. Default: postgresql.
`;

function fail(message: string): never {
  process.stderr.write(`${message}\n\n${usage}`);
  process.exit(2);
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        model: { type: 'string', multiple: true, default: names },
        runs: { type: 'string', default: '300' },
        seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
        database: { type: 'string', default: 'postgresql' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

function requireNumber(option: string, text: string, least: number): void {
  const value = Number(text);
  const isFit = text !== '' && Number.isSafeInteger(value) && value >= least;
  if (!isFit) fail(`--${option}: expected a whole number from ${least}; got ${text}`);
}

const { model: models, runs, seed, database, help } = readOptions();
if (help) {
  process.stdout.write(usage);
  process.exit(0);
}
requireNumber('runs', runs, 1);
requireNumber('seed', seed, 0);
if (!databases.includes(database)) fail(`--database: expected ${databases.join(' or ')}; got ${database}`);

const root = join(import.meta.dirname, '..');
for (const model of models) {
  const file = files[model] ?? fail(`--model: expected ${names.join(', ')}; got ${model}`);
  const { status } = spawnSync('vitest', ['run', '--project', database, file], {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}`,
      MUSTER_TEST_SEED: seed,
      MUSTER_TEST_MODEL_RUNS: runs,
      // So that each model can be played on either database.
      MUSTER_TEST_EVERYTHING: '1',
    },
  });
  if (status !== 0) process.exitCode = 1;
}
