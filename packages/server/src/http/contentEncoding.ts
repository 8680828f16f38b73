import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { HttpRefusal } from './refusal.ts';

/** The codings in which a body may come, and how each is decoded. */
const decoders: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

/**
 * Makes the decoder of a request's body; null for a body that comes as it is.
 *
 * @throws HttpRefusal 415 for a coding that isn't known, and for several, one within the other
 */
export function createBodyDecoder({ headers }: IncomingMessage): Transform | null {
  const coding = headers['content-encoding']?.trim().toLowerCase();
  if (!coding || coding === 'identity') return null;
  const create = decoders.get(coding);
  if (create) return create();
  const known = 'gzip, deflate, br';
  throw new HttpRefusal(
    415,
    'BAD_USER_INPUT',
    `expected the content encoding ${known} or none; got ${JSON.stringify(coding.slice(0, 200))}`,
    { 'accept-encoding': known },
  );
}
