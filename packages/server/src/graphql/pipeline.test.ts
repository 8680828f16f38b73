import { type Core, openViewer } from '@muster/core';
import { buildSchema } from 'graphql';
import { expect, test } from 'vitest';
import { createTestAdmission } from '../../testing/admission.ts';
import { toClientError } from '../errors/clientError.ts';
import type { Guard } from '../limits/guard.ts';
import type { OperationRequest } from './operation.ts';
import { createPipeline } from './pipeline.ts';

const schema = buildSchema(`
  type Query { a(first: Int): Int b: Int }
  type Mutation { change: Int }
  type Subscription { a: Int }
`);

/** A pipeline whose guards note that they were asked, and one of which may refuse. */
function createNoted(refusingStage?: Guard['stage']) {
  const asked: string[] = [];
  const check = (stage: Guard['stage']) => () => {
    asked.push(stage);
    if (stage === refusingStage) throw new Error(`the guard of ${stage} refuses`);
  };
  const guards: Guard[] = (['execution', 'variables', 'document', 'text'] as const).map((stage) => ({
    stage,
    check: check(stage),
  }));
  const masked: unknown[] = [];
  const pipeline = createPipeline({
    schema,
    core: {} as Core,
    guards,
    admission: createTestAdmission(),
    introspection: true,
    maxPageSize: 100,
    maxErrors: 10,
    compiledReads: false,
    mask: (error) => {
      masked.push(error);
      return toClientError(error, () => {});
    },
  });
  /** The errors of an operation, in words; null for one that is admitted. Takes what was asked of the guards meanwhile. */
  const admit = (request: OperationRequest, method?: string) => {
    const operation = pipeline.admit(openViewer, request, { method, headers: {} });
    return {
      errors: 'errors' in operation ? operation.errors.map(({ message }) => message) : null,
      kind: operation.kind,
      asked: asked.splice(0),
    };
  };
  return { admit, masked };
}

test('guards are asked stage by stage, and those of texts and documents once for a document', () => {
  const { admit } = createNoted();
  expect(admit({ query: '{ a }' })).toEqual({
    errors: null,
    kind: 'query',
    asked: ['text', 'document', 'variables', 'execution'],
  });
  expect(admit({ query: '{ a }' })).toEqual({ errors: null, kind: 'query', asked: ['variables', 'execution'] });
});

test.each<[Guard['stage'], Guard['stage'][], string | null]>([
  ['text', ['text'], null],
  ['document', ['text', 'document'], null],
  ['variables', ['text', 'document', 'variables'], 'query'],
  ['execution', ['text', 'document', 'variables', 'execution'], 'query'],
])('a guard of the stage %s refuses before any later stage', (stage, asked, kind) => {
  const { admit, masked } = createNoted(stage);
  expect(admit({ query: '{ a }' })).toEqual({
    errors: [expect.stringMatching(/^an internal error/)],
    kind,
    asked,
  });
  expect(masked.map(String)).toEqual([`Error: the guard of ${stage} refuses`]);
});

test('the verdict on an invalid document is cached', () => {
  const invalid = createNoted();
  const query = '{ a nothing }';
  const first = invalid.admit({ query });
  expect(first).toMatchObject({ errors: [expect.stringContaining('nothing')], asked: ['text', 'document'] });
  expect(invalid.admit({ query })).toEqual({ ...first, asked: [] });
  // A stack would keep all that validation held, for as long as the document is cached.
  for (const error of invalid.masked as Error[]) expect(error.stack).toBe(error.message);
});

test('W7: after ten mistakes no more are looked for', () => {
  const { admit } = createNoted();
  const { errors } = admit({ query: `{ ${Array.from({ length: 1_000 }, (_, i) => `nothing${i}`).join(' ')} }` });
  expect(errors).toHaveLength(11);
  expect(errors?.at(-1)).toMatch(/error limit reached/);
});

test('a document that is refused, or doesn’t parse, is not cached: clients can make up any number of them', () => {
  const { admit } = createNoted();
  const refused = createNoted('document');
  for (let times = 0; times < 2; times++) {
    expect(admit({ query: '{' })).toMatchObject({ errors: [expect.stringContaining('Syntax Error')], asked: ['text'] });
    // One that is too large would take as much memory as any.
    const again = refused.admit({ query: '{ a }' });
    expect(again).toMatchObject({ errors: [expect.any(String)], asked: ['text', 'document'] });
  }
});

test('an operation whose variables a type refuses is held against the guards all the same', () => {
  const { admit } = createNoted();
  const request = { query: 'query ($n: Int) { a(first: $n) }', variables: { n: 'x' } };
  expect(admit(request)).toMatchObject({ errors: null, asked: ['text', 'document', 'variables', 'execution'] });
});

test('a GET may not name a mutation, nor may HTTP name an operation that is not there, valid or not', () => {
  const { admit } = createNoted();
  const query = 'query A { a } mutation B { change } fragment F on Query { nothing }';
  expect(admit({ query, operationName: 'B' }, 'GET').errors).toEqual([expect.stringContaining('mutation')]);
  expect(admit({ query, operationName: 'C' }, 'POST').errors).toEqual([expect.stringContaining('what operation')]);
  expect(admit({ query, operationName: 'C' }).errors).toHaveLength(2);
  expect(admit({ query: 'query A { a } query B { b }' }).errors).toEqual(['Unable to identify operation']);
});
