import { readFileSync } from 'node:fs';
import { status } from '@grpc/grpc-js';
import { errorCodes } from '@muster/core';
import { expect, test } from 'vitest';
import { grpcStatus } from '../wire/grpc/grpcStatus.ts';
import { httpStatus } from './httpStatus.ts';

const page = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('| `'));

test('docs/errors.md has every code, in order, with its statuses', () => {
  expect(rows.map((row) => row.split(' | ').slice(0, 3).join(' | '))).toEqual(
    errorCodes.map((code) => `| \`${code}\` | ${httpStatus[code]} | ${status[grpcStatus[code]]}`),
  );
});

test('docs/errors.md says of every code what it means and what a client does', () => {
  expect(rows.filter((row) => !/^(?:\| [^|]+ ){3}\| [^|]+\. \| (?:[^|]* )?\| [^|]+\. \|$/.test(row))).toEqual([]);
});
