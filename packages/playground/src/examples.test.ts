import { readFileSync } from 'node:fs';
import { buildSchema, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { examples } from './examples.ts';
import { operationOf } from './operation.ts';

const schema = buildSchema(readFileSync(new URL('../../schema/schema.graphql', import.meta.url), 'utf8'));

test.each(examples)('the schema knows all that an example asks for: %#', (example) => {
  expect(validate(schema, parse(example))).toEqual([]);
});

test('each example has a name, which is its tab', () => {
  const names = examples.map((example) => operationOf(example, null)?.name?.value);
  expect(names).toEqual(['Fleet', 'Live', 'Publish', 'History']);
});
