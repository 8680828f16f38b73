import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** The import rules, tried on a small copy of the house. All its imports are type-only: those count, too. */
const root = join(import.meta.dirname, '..');

interface Import {
  readonly from: string;
  /** As the import says it. */
  readonly module: string;
  /** The file that the import leads to. */
  readonly to: string;
}

const allowed: readonly Import[] = [
  { from: 'packages/core/src/base/ids.ts', module: '@muster/db', to: 'packages/db/src/index.ts' },
  {
    from: 'packages/core/src/plugin/sql/find.ts',
    module: '../../query/page.ts',
    to: 'packages/core/src/query/page.ts',
  },
  { from: 'packages/core/src/plugin/read.test.ts', module: '../bulk/bulk.ts', to: 'packages/core/src/bulk/bulk.ts' },
  { from: 'packages/core/src/query/stats.ts', module: '../core.ts', to: 'packages/core/src/core.ts' },
  { from: 'packages/server/src/a.test.ts', module: '../testing/index.ts', to: 'packages/server/testing/index.ts' },
];

const forbidden: readonly (Import & { readonly rule: string })[] = [
  {
    rule: 'db-imports-no-higher-package',
    from: 'packages/db/src/open.ts',
    module: '@muster/core',
    to: 'packages/core/src/index.ts',
  },
  {
    rule: 'agent-imports-the-client-alone',
    from: 'packages/agent/src/agent.ts',
    module: '@muster/db',
    to: 'packages/db/src/index.ts',
  },
  {
    rule: 'client-imports-no-package',
    from: 'packages/client/src/client.ts',
    module: '@muster/core',
    to: 'packages/core/src/index.ts',
  },
  {
    rule: 'agent-tests-start-the-server',
    from: 'packages/agent/test/agent.test.ts',
    module: '@muster/db',
    to: 'packages/db/src/index.ts',
  },
  {
    rule: 'only-through-exports',
    from: 'packages/schema/src/types/plugin.ts',
    module: '../../../core/src/plugin/read.ts',
    to: 'packages/core/src/plugin/read.ts',
  },
  {
    rule: 'core-query',
    from: 'packages/core/src/query/compile.ts',
    module: '../plugin/read.ts',
    to: 'packages/core/src/plugin/read.ts',
  },
  {
    rule: 'core-report-assignment-jsonRead-search',
    from: 'packages/core/src/report/publish.ts',
    module: '../assignment/assignments.ts',
    to: 'packages/core/src/assignment/assignments.ts',
  },
  {
    rule: 'core-base-is-the-ground',
    from: 'packages/core/src/base/rows.ts',
    module: '../core.ts',
    to: 'packages/core/src/core.ts',
  },
  {
    rule: 'server-graphql',
    from: 'packages/server/src/graphql/pipeline.ts',
    module: '../http/body.ts',
    to: 'packages/server/src/http/body.ts',
  },
  {
    rule: 'every-room-has-a-place',
    from: 'packages/server/src/newcomer.ts',
    module: './http/body.ts',
    to: 'packages/server/src/http/body.ts',
  },
  {
    rule: 'src-imports-no-tests',
    from: 'packages/server/src/server.ts',
    module: '../testing/index.ts',
    to: 'packages/server/testing/index.ts',
  },
  { rule: 'no-circular', from: 'bench/src/first.ts', module: './second.ts', to: 'bench/src/second.ts' },
  { rule: 'no-unresolvable', from: 'bench/src/third.ts', module: './missing.ts', to: './missing.ts' },
];

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string };
}

let folder: string;
let violations: readonly Violation[];
const broken = ({ from, to }: Import) => violations.filter((each) => each.from === from && each.to === to);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-imports-'));
  await cp(join(root, 'tsconfig.base.json'), join(folder, 'tsconfig.base.json'));
  await mkdir(join(folder, 'node_modules/@muster'), { recursive: true });
  for (const name of ['db', 'core']) {
    await write(`packages/${name}/package.json`, JSON.stringify({ name, exports: { '.': './src/index.ts' } }));
    await symlink(join(folder, 'packages', name), join(folder, 'node_modules/@muster', name));
  }
  const imports = [...allowed, ...forbidden];
  for (const { to } of imports) if (to.startsWith('packages/')) await write(to, 'export interface Part {}\n');
  for (const { from, module } of imports) await write(from, importing(module));
  await write('bench/src/second.ts', importing('./first.ts'));
  violations = await check();
});

afterAll(() => rm(folder, { recursive: true }));

test.each(allowed)('$from may import $module', (each) => {
  expect(broken(each)).toEqual([]);
});

describe.each(forbidden)('$rule', (each) => {
  test('$from may not import $module', () => {
    expect(broken(each).map(({ rule }) => rule.name)).toContain(each.rule);
  });
});

const importing = (module: string) => `import type { Part } from '${module}';\nexport type Again = Part;\n`;

async function write(path: string, text: string): Promise<void> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

/** Runs the check of the real house on the small one. */
function check(): Promise<readonly Violation[]> {
  const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const config = join(root, '.dependency-cruiser.mjs');
  const args = [program, '--config', config, '--output-type', 'json', 'packages', 'bench'];
  return new Promise((resolve, reject) => {
    // A failed check has an exit code other than 0, and an answer all the same.
    execFile(process.execPath, args, { cwd: folder }, (_, stdout, stderr) => {
      if (stdout === '') return reject(new Error(stderr));
      resolve(JSON.parse(stdout).summary.violations);
    });
  });
}
