import { type Core, openViewer, type Viewer } from '@muster/core';
import { buildSchema, type GraphQLError } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createTestAdmission } from '../../testing/admission.ts';
import { ConfigError } from '../config/configError.ts';
import { toClientError } from '../errors/clientError.ts';
import type { OperationRequest } from './operation.ts';
import { type PersistedOperations, sha256Of } from './persistedOperations.ts';
import { createPipeline } from './pipeline.ts';

const schema = buildSchema('type Query { a(first: Int): Int b: Int } type Mutation { change: Int }');
const viewer: Viewer = { subject: 'ada', role: 'VIEWER', domainId: 'tenant' };

function createAdmit(persisted: Partial<PersistedOperations>) {
  const pipeline = createPipeline({
    schema,
    core: {} as Core,
    guards: [],
    admission: createTestAdmission(),
    introspection: true,
    maxPageSize: 100,
    maxErrors: 10,
    compiledReads: false,
    persisted: { texts: new Map(), required: false, automatic: false, ...persisted },
    mask: (error) => toClientError(error, () => {}),
  });
  return (request: OperationRequest, of: Viewer = viewer, method?: string) => {
    const operation = pipeline.admit(of, request, { method, headers: {} });
    return 'errors' in operation ? operation.errors[0] : operation.request.query;
  };
}

const listed = '{ a }';
const hash = sha256Of(listed);
const texts = new Map([
  [hash, listed],
  ['by-name', 'query N($n: Int) { a(first: $n) } query M { b }'],
]);
const automatic = (sha256Hash: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash } } });
const refusal = (code: string, message: string | RegExp, http?: object) => ({
  message: expect.stringMatching(message) as string,
  extensions: { code, ...(http && { http }) },
});

describe('a listed operation', () => {
  const admit = createAdmit({ texts });

  test.each<[string, OperationRequest]>([
    ['documentId', { documentId: hash }],
    ['documentId with the name of its hash', { documentId: `sha256:${hash}` }],
    ['documentId in capitals', { documentId: hash.toUpperCase() }],
    ['extensions.persistedQuery', automatic(hash)],
    ['an id beside an empty text', { query: '', documentId: hash }],
    ['an id beside the text', { query: listed, ...automatic(hash) }],
  ])('is found by %s', (_title, request) => {
    expect(admit(request)).toBe(listed);
  });

  test('may be one of several in its document, and has variables', () => {
    expect(admit({ documentId: 'by-name', operationName: 'N', variables: { n: 1 } })).toContain('query N');
    expect(admit({ documentId: 'by-name' })).toMatchObject(refusal('BAD_USER_INPUT', 'Unable to identify operation'));
  });

  test('that is not known is refused', () => {
    expect(admit({ documentId: 'nothing' })).toMatchObject(
      refusal('BAD_USER_INPUT', 'expected the documentId of a persisted operation', { spec: true, status: 400 }),
    );
  });

  test('that is invalid, or does not parse, ends the start', () => {
    for (const [text, message] of [
      ['{ nothing }', 'MUSTER_PERSISTED_OPERATIONS: expected a valid document under "x"; Cannot query field "nothing"'],
      ['{', 'MUSTER_PERSISTED_OPERATIONS: expected a valid document under "x"; Syntax Error'],
    ] as const) {
      const start = () => createAdmit({ texts: new Map([['x', text]]) });
      expect(start).toThrow(ConfigError);
      expect(start).toThrow(message);
    }
  });

  test('takes no text’s place: other documents are taken, too', () => {
    expect(admit({ query: '{ b }' })).toBe('{ b }');
  });
});

describe('where listed operations are required', () => {
  const admit = createAdmit({ texts, required: true, automatic: true });

  test('nobody but an ADMIN may send another document, however it comes', () => {
    const forbidden = refusal('FORBIDDEN', 'expected the id of a persisted operation', { status: 403 });
    expect(admit({ documentId: hash })).toBe(listed);
    for (const request of [
      { query: '{ b }' },
      { query: listed },
      { query: '{ b }', ...automatic(sha256Of('{ b }')) },
      { query: '{ b }', documentId: 'nothing' },
      {},
    ]) {
      for (const role of ['VIEWER', 'SUPERVISOR', 'OPERATOR'] as const) {
        expect(admit(request, { ...viewer, role })).toMatchObject(forbidden);
      }
    }
    const admin: Viewer = { ...openViewer, role: 'ADMIN' };
    expect(admit({ query: '{ b }', ...automatic(sha256Of('{ b }')) }, admin)).toBe('{ b }');
    expect(admit(automatic(sha256Of('{ b }')))).toMatchObject(forbidden);
  });
});

describe('automatic persisted queries', () => {
  const text = '{ b a }';
  const spec = { spec: true, status: 400 };

  test('are not supported unless they are on: clients fall back on the text', () => {
    const admit = createAdmit({ texts });
    expect(admit(automatic(sha256Of(text)))).toMatchObject(
      refusal('BAD_USER_INPUT', /^PersistedQueryNotSupported$/, spec),
    );
    expect(admit({ query: text, ...automatic(sha256Of(text)) })).toBe(text);
    expect(admit(automatic(sha256Of(text)))).toMatchObject({ message: 'PersistedQueryNotSupported' });
  });

  test('are kept once they came with their hash, and found by all', () => {
    const admit = createAdmit({ automatic: true });
    expect(admit(automatic(sha256Of(text)))).toMatchObject(refusal('BAD_USER_INPUT', /^PersistedQueryNotFound$/, spec));
    expect(admit({ query: text, ...automatic(sha256Of(text)) })).toBe(text);
    expect(admit(automatic(sha256Of(text)))).toBe(text);
    expect(admit(automatic(sha256Of(text).toUpperCase()), { ...viewer, domainId: 'other' })).toBe(text);
  });

  test('are refused with the hash of another, and such a text is not kept', () => {
    const admit = createAdmit({ automatic: true });
    const wrong = sha256Of('{ a }');
    expect(admit({ query: text, ...automatic(wrong) })).toMatchObject(
      refusal('BAD_USER_INPUT', 'expected the SHA-256 hash'),
    );
    expect(admit(automatic(wrong))).toMatchObject({ message: 'PersistedQueryNotFound' });
  });

  test('W12: of one tenant push out no other’s', () => {
    const admit = createAdmit({ automatic: true });
    const send = (query: string, domainId: string) =>
      admit({ query, ...automatic(sha256Of(query)) }, { ...viewer, domainId }) as string | GraphQLError;
    send(text, 'tenant');
    const filler = 'x'.repeat(40_000);
    for (let i = 0; i < 60; i++) send(`{ a } # ${i} ${filler}`, 'mallory');
    expect(admit(automatic(sha256Of(text)))).toBe(text);
    expect(admit(automatic(sha256Of(`{ a } # 0 ${filler}`)))).toMatchObject({ message: 'PersistedQueryNotFound' });
  });

  test('that are no object, or have no hash, are no ids', () => {
    const admit = createAdmit({ automatic: true });
    for (const persistedQuery of [null, 'x', 1, {}, { sha256Hash: 7 }]) {
      expect(admit({ query: text, extensions: { persistedQuery } })).toBe(text);
    }
  });
});
