import { expect, test } from 'vitest';
import {
  codeOf,
  isDeadlock,
  isForeignKeyViolation,
  isLockNotAvailable,
  isPastDatabaseLimit,
  isSerializationFailure,
  isStatementCancelled,
} from './sqlState.ts';

const tests = [
  isDeadlock,
  isForeignKeyViolation,
  isLockNotAvailable,
  isPastDatabaseLimit,
  isSerializationFailure,
  isStatementCancelled,
];
const withCode = (code: string) => Object.assign(new Error('x'), { code });

test.each([
  ['40P01', isDeadlock],
  ['23503', isForeignKeyViolation],
  ['55P03', isLockNotAvailable],
  ['40001', isSerializationFailure],
  ['57014', isStatementCancelled],
  ['54000', isPastDatabaseLimit],
  ['54001', isPastDatabaseLimit],
])('%s has a name, and one only', (code, isIt) => {
  expect(tests.filter((each) => each(withCode(code)))).toEqual([isIt]);
});

test.each(['23505', '57P01', '5400', '540000', ''])('%j is none of them', (code) => {
  for (const isIt of tests) {
    expect(isIt(withCode(code))).toBe(false);
  }
});

test.each([null, '40P01', { code: '40P01' }, Object.assign(new Error('x'), { code: 40 })])(
  '%j has no code',
  (value) => {
    expect(codeOf(value)).toBe('');
  },
);
