import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ConfigError } from '../config/configError.ts';
import { readPersistedOperations, sha256Of } from './persistedOperations.ts';

const folder = mkdtempSync(join(tmpdir(), 'muster-persisted-'));
afterAll(() => rmSync(folder, { recursive: true }));

function read(content: string, mode: 'prefer' | 'require' = 'prefer') {
  const file = join(folder, 'operations.json');
  writeFileSync(file, content);
  return readPersistedOperations({
    MUSTER_PERSISTED_OPERATIONS: file,
    MUSTER_PERSISTED_OPERATIONS_MODE: mode,
    MUSTER_APQ: false,
  });
}

const text = '{ viewer { role } }';
const hash = sha256Of(text);

describe('a file of persisted operations', () => {
  test('has documents by SHA-256 hashes, with a prefix or without, and by other ids', () => {
    const content = { [hash]: text, '0123456789abcdef0123456789abcdef': '{ __typename }', viewer: text };
    expect([...read(JSON.stringify(content)).texts]).toEqual(Object.entries(content));
    expect([...read(JSON.stringify({ [`sha256:${hash.toUpperCase()}`]: text })).texts]).toEqual([[hash, text]]);
  });

  test.each([
    ['no JSON', '{', /JSON/],
    ['a list', '[]', /expected a JSON object of documents/],
    ['no text', JSON.stringify({ a: { text } }), /expected a document under "a"; got other JSON/],
    [
      'another document',
      JSON.stringify({ [hash]: '{ __typename }' }),
      /expected the document whose SHA-256 hash is "[0-9a-f]+"; got another/,
    ],
  ])('that has %s ends the start with a message', (_title, content, message) => {
    expect(() => read(content)).toThrow(ConfigError);
    expect(() => read(content)).toThrow(message);
  });

  test('that is not there ends the start, and the mode require needs one', () => {
    const config = { MUSTER_PERSISTED_OPERATIONS_MODE: 'require', MUSTER_APQ: false } as const;
    const missing = join(folder, 'nothing.json');
    expect(() => readPersistedOperations({ ...config, MUSTER_PERSISTED_OPERATIONS: missing })).toThrow(
      `MUSTER_PERSISTED_OPERATIONS: ${missing}: ENOENT`,
    );
    expect(() => readPersistedOperations({ ...config, MUSTER_PERSISTED_OPERATIONS: undefined })).toThrow(
      'MUSTER_PERSISTED_OPERATIONS: expected a file, since the mode is require; got none',
    );
  });
});
