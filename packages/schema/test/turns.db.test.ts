import { createPacer, openViewer } from '@muster/core';
import { graphql } from 'graphql';
import { beforeAll, expect, test } from 'vitest';
import { createContext } from '../src/index.ts';
import { useTestApi } from '../testing/testApi.ts';

const api = useTestApi();
const supervisors = 20;

beforeAll(async () => {
  const publish = `mutation ($input: PublishSupervisorInput!) { publishSupervisor(input: $input) { nextPublishInMs } }`;
  const plugins = Array.from({ length: 40 }, (_, i) => ({ pluginId: `p${i}`, version: '1', state: 'ACTIVE' }));
  for (let i = 0; i < supervisors; i++) {
    await api.ask(publish, { input: { domainId: 'd', name: `s${i}`, hostname: `h${i}`, plugins } });
  }
});

/** The answer, and the turns of the event loop that it took beside those that wait for the database. */
async function answered(first: number) {
  const turns: (() => void)[] = [];
  const core = { ...api.core, pacer: createPacer((callback) => void turns.push(callback)) };
  const source = `{ supervisors(first: ${first}) { nodes { plugins(first: 40) { nodes { id } } } } }`;
  let result: unknown;
  let given = 0;
  const statements = await api.statementsOf(async () => {
    const asked = graphql({ schema: api.schema, source, contextValue: createContext(core, openViewer) });
    void Promise.resolve(asked).then((each) => {
      result = each;
    });
    while (result === undefined) {
      await new Promise(setImmediate);
      if (result !== undefined || turns.length === 0) continue;
      turns.shift()?.();
      given += 1;
    }
  });
  return { result, given, statements };
}

test('W3: pages that were read together become an answer in several turns of the event loop', async () => {
  const { result, given, statements } = await answered(supervisors);
  expect(result).toEqual(await api.run('{ supervisors(first: 20) { nodes { plugins(first: 40) { nodes { id } } } } }'));
  expect(given).toBeGreaterThan(1);
  expect(statements).toEqual(['SELECT supervisors', 'SELECT plugins']);
});

test('W3: few rows become an answer in one', async () => {
  expect(await answered(2)).toMatchObject({ given: 0 });
});
