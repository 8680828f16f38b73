import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseConfig } from '../src/config/readConfig.ts';

const page = readFileSync(new URL('../../../docs/agent-drivers.md', import.meta.url), 'utf8');
const blocks = [...page.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, yaml = '']) => yaml);

test('docs/agent-drivers.md shows a valid agent.yaml for each driver', () => {
  expect(blocks.map((yaml) => parseConfig(yaml).driver)).toEqual(['docker', 'kubernetes', 'process']);
});
