import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createPostgresDatabase, testDatabaseKind } from '@muster/db/testing';
import { expect, onTestFinished, test } from 'vitest';

const program = fileURLToPath(new URL('../testing/walk/enteredFiles.ts', import.meta.url));
const packages = fileURLToPath(new URL('../..', import.meta.url));
const readme = join(packages, 'core/README.md');
const walk = readFileSync(readme, 'utf8').split("## A stranger's walk")[1]?.split('\n## ')[0] ?? '';

/** The files that a text leads to, from `packages` on. */
function linkedFiles(text: string): string[] {
  return [...text.matchAll(/\]\(([^)]+\.ts)\)/g)].map(([, path = '']) =>
    relative(packages, join(dirname(readme), path)),
  );
}

const stations = linkedFiles((walk.match(/^\d+\. .*$/gm) ?? []).join('\n'));
const passedBy = linkedFiles(walk.split('passes by')[1] ?? '');

test('the walk in packages/core/README.md enters no file twice, and gets no longer', () => {
  expect(stations).toEqual([...new Set(stations)]);
  expect(stations.length).toBeGreaterThan(0);
  expect(stations.length).toBeLessThanOrEqual(25);
});

test.runIf(testDatabaseKind() === 'postgresql')(
  'a publish enters the files that the walk in packages/core/README.md names, and no others',
  async () => {
    const { url, drop } = await createPostgresDatabase();
    onTestFinished(drop);
    const { stdout } = await promisify(execFile)(process.execPath, [program], {
      env: { PATH: process.env.PATH, DATABASE_URL: url },
    });
    expect(JSON.parse(stdout)).toEqual([...stations, ...passedBy].sort());
  },
);
