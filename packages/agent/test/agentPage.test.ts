import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { agentSchema } from '../src/config/agentConfig.ts';
import { parseConfig } from '../src/config/readConfig.ts';

const page = readFileSync(new URL('../../../docs/agent.md', import.meta.url), 'utf8');
const blocks = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml = '']) => yaml);

it('docs/agent.md has an agent.yaml that is valid, and another one with every name', () => {
  expect(blocks.map((yaml) => parseConfig(yaml).driver)).toEqual(['docker', 'docker']);
  const whole = parseDocument(blocks[1] ?? '').toJS();
  expect(Object.keys(whole).sort()).toEqual(Object.keys(agentSchema.shape).sort());
});

it('the values in it are the defaults, but for names and files', () => {
  const written = parseConfig(blocks[1] ?? '');
  const defaults = parseConfig('server: { url: http://127.0.0.1/graphql }\ndriver: docker');
  for (const name of ['stateFolder', 'docker', 'maxRemovalShare', 'status', 'logLevel'] as const) {
    expect(written[name]).toEqual(defaults[name]);
  }
  expect({ ...written.limits, user: undefined }).toEqual({ ...defaults.limits, user: undefined });
  expect({ ...written.images, template: undefined }).toEqual({ ...defaults.images, template: undefined });
});
