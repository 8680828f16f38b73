import { expect, test } from 'vitest';
import { isDatabaseUnavailable } from './unavailable.ts';

const withCode = (code: string) => Object.assign(new Error('x'), { code });

test.each([
  '08006',
  '08001',
  '53300',
  '57P01',
  '57P03',
  '25006',
  '25P03',
  '40001',
  '40P01',
  'ECONNREFUSED',
  'ECONNRESET',
  'P1001',
  'P1017',
])('%s says that the database is away, or busy with another', (code) => {
  expect(isDatabaseUnavailable(withCode(code))).toBe(true);
  expect(isDatabaseUnavailable(new Error('outer', { cause: withCode(code) }))).toBe(true);
  expect(isDatabaseUnavailable(new AggregateError([new Error('x'), withCode(code)]))).toBe(true);
});

test.each(['23505', '22012', '42601', '57014', '080066', 'P2002', 'ENOENT', ''])('%j says something else', (code) => {
  expect(isDatabaseUnavailable(withCode(code))).toBe(false);
});

test('O6: what ends a session, or refuses one, is no fault of a statement', () => {
  const noDatabase = Object.assign(withCode('3D000'), { severity: 'FATAL' });
  expect(isDatabaseUnavailable(noDatabase)).toBe(true);
  expect(isDatabaseUnavailable(withCode('3D000'))).toBe(false);
});

test('the driver’s errors without a code are known by their beginnings', () => {
  expect(isDatabaseUnavailable(new Error('Connection terminated unexpectedly'))).toBe(true);
  expect(isDatabaseUnavailable(new Error('timeout exceeded when trying to connect'))).toBe(true);
  expect(isDatabaseUnavailable(new Error('the Connection terminated'))).toBe(false);
});

test('what Prisma calls some other database error is known by the database’s own code', () => {
  const wrapped = (originalCode: string) =>
    Object.assign(withCode('P2039'), { meta: { driverAdapterError: { cause: { originalCode } } } });
  expect(isDatabaseUnavailable(wrapped('57P03'))).toBe(true);
  expect(isDatabaseUnavailable(wrapped('22012'))).toBe(false);
});

test.each([null, undefined, 'ECONNREFUSED', { code: 'ECONNREFUSED' }])('%j is no error', (value) => {
  expect(isDatabaseUnavailable(value)).toBe(false);
});
