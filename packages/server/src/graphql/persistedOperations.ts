import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isObject } from '@muster/core';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/configError.ts';

/** The documents that an operator has listed, and whether any others are taken. */
export interface PersistedOperations {
  /** The texts by their ids. */
  readonly texts: ReadonlyMap<string, string>;
  /** Whether only an ADMIN may send other documents. */
  readonly required: boolean;
  /** Whether documents that clients send with their hashes are kept (automatic persisted queries). */
  readonly automatic: boolean;
}

/** No documents are listed, and all are taken. */
export const noPersistedOperations: PersistedOperations = { texts: new Map(), required: false, automatic: false };

/** The settings of persisted operations. */
export type PersistedConfig = Pick<
  Config,
  'MUSTER_PERSISTED_OPERATIONS' | 'MUSTER_PERSISTED_OPERATIONS_MODE' | 'MUSTER_APQ'
>;

/** An id that names its hash: of 64 hex digits, or by a prefix as GraphQL over HTTP has it. */
const sha256Id = /^(?:sha256:)?([0-9a-f]{64})$/i;

/** The SHA-256 hash of a document, in hex digits. */
export function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The hash that an id stands for, in hex digits; null for an id of another form. */
export function hashOfId(id: string): string | null {
  return sha256Id.exec(id)?.[1]?.toLowerCase() ?? null;
}

/**
 * Reads the file of persisted operations: a JSON object of documents by their ids, as relay-compiler and graphql-codegen
 * write it.
 *
 * @throws ConfigError for a file that can't be read, isn't of that form, or has a document under a hash of another
 */
export function readPersistedOperations(config: PersistedConfig): PersistedOperations {
  const { MUSTER_PERSISTED_OPERATIONS: file, MUSTER_PERSISTED_OPERATIONS_MODE: mode, MUSTER_APQ: automatic } = config;
  const required = mode === 'require';
  if (file === undefined) {
    if (required)
      throw new ConfigError('MUSTER_PERSISTED_OPERATIONS: expected a file, since the mode is require; got none');
    return { ...noPersistedOperations, automatic };
  }
  return { texts: readTexts(file), required, automatic };
}

function readTexts(file: string): ReadonlyMap<string, string> {
  const json = readJson(file);
  if (!isObject(json)) throw problemIn(file, 'expected a JSON object of documents by their hashes; got other JSON');
  return new Map(
    Object.entries(json).map(([id, text]) => {
      if (typeof text !== 'string') throw problemIn(file, `expected a document under ${quoted(id)}; got other JSON`);
      const hash = hashOfId(id);
      if (hash !== null && hash !== sha256Of(text)) {
        throw problemIn(file, `expected the document whose SHA-256 hash is ${quoted(id)}; got another`);
      }
      return [idWithoutPrefix(id), text];
    }),
  );
}

/** The form in which ids are compared. */
export function idWithoutPrefix(id: string): string {
  return hashOfId(id) ?? id;
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw problemIn(file, error instanceof Error ? error.message : String(error));
  }
}

function problemIn(file: string, problem: string): ConfigError {
  return new ConfigError(`MUSTER_PERSISTED_OPERATIONS: ${file}: ${problem}`);
}

const quoted = (id: string) => JSON.stringify(id.slice(0, 100));
