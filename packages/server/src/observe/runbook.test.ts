import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { variables } from '../config/config.ts';
import { createMetrics } from './metrics.ts';
import { unreadyReasons } from './unreadyReasons.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const read = (path: string) => readFileSync(`${root}${path}`, 'utf8');
const runbook = read('docs/operate/runbook.md');
const sources = globSync('packages/*/src/**/*.ts', { cwd: root, exclude: ['**/*.test.ts', '**/generated/**'] })
  .map(read)
  .join('\n');

/** The first cells of a section's table. */
function firstCells(heading: string): string[] {
  const section = runbook.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| (`.*?) \| /gm)].map(([, cell = '']) => cell);
}

/** The texts in code form. */
const codes = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

test('O7: the runbook says of each reason of /ready what to do, and of no other', () => {
  expect(firstCells('Not ready').flatMap(codes)).toEqual(Object.keys(unreadyReasons));
});

test('each line of the log that the runbook explains is in the code', () => {
  const lines = firstCells('Lines of the log').flatMap(codes);
  expect(lines.length).toBeGreaterThan(20);
  // The code puts one word of two into some lines.
  const isThere = (line: string) =>
    sources.includes(line) || /^a database connection was cut, since it was (silent|lent) for too long$/.test(line);
  expect(lines.filter((line) => !isThere(line))).toEqual([]);
});

test('each line of trouble that the code logs by a fixed text is in the runbook', () => {
  const warnings = [
    ...sources.matchAll(/onWarning\(\s*'([^']+)'/g),
    ...sources.matchAll(/\b(?:log|core|options|this\.#log)\.(?:warn|error|onWarning)\(\s*(?:\{[^}]*\}, )?'([^']+)'/g),
    ...sources.matchAll(/repeatLog\.warn\('([^']+)'/g),
  ].map(([, text = '']) => text);
  expect(warnings.length).toBeGreaterThan(15);
  expect(warnings.filter((text) => !runbook.includes(`\`${text}\``))).toEqual([]);
});

test('the runbook has each condition that the code sets', () => {
  const listed = firstCells('Conditions').flatMap(codes);
  const schema = read('packages/schema/schema.graphql');
  expect(listed.filter((type) => !sources.includes(`'${type}'`))).toEqual([]);
  const set = [
    ...`${sources}\n${schema}`.matchAll(/\b(LEASE_EXPIRED|LEASES_HELD|FLAPPING|[A-Z]+_(?:AGENT|SILENT|REFUSED))\b/g),
  ];
  expect(set.map(([type]) => type).filter((type) => !listed.includes(type))).toEqual([]);
});

test('the figures that the runbook names are measured', async () => {
  const figures = new Set(
    codes(runbook)
      .map((code) => /^muster_[a-z_]+/.exec(code)?.[0])
      .filter((name) => name !== undefined),
  );
  const named = (figure: string) =>
    sources.includes(`'${figure}'`) || sources.includes(`'${figure.replace('muster_lane_', '')}'`);
  expect([...figures].filter((figure) => !named(figure))).toEqual([]);
  expect(await createMetrics().text()).toContain('muster_refusals_total');
});

describe('each variable that is named exists', () => {
  const pages = globSync(['docs/operate/*.md', 'deploy/proxies/*'], { cwd: root });
  test.each(pages)('in %s', (page) => {
    const named = new Set(read(page).match(/\bMUSTER_[A-Z_]+[A-Z]\b/g) ?? []);
    const known = new Set(Object.keys(variables).flatMap((name) => [name, `${name}_FILE`]));
    expect([...named].filter((name) => !known.has(name))).toEqual([]);
  });
});

test('O13: each route of the sample for Envoy leads to a cluster that it has', () => {
  const sample = read('deploy/proxies/envoy.yaml');
  const used = [...sample.matchAll(/cluster: (\w+)/g)].map(([, name]) => name);
  expect(used).toHaveLength(2);
  for (const name of used) expect(sample).toContain(`    - name: ${name}\n      connect_timeout:`);
});
