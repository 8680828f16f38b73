import { status } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { callRefusal, detailsOf, unimplemented } from './grpcStatus.ts';

test('Errors: details begin with `ERROR_` and the code, by which existing clients know an answer from a broken connection', () => {
  expect(callRefusal('NOT_FOUND', 'no supervisor "a"')).toEqual({
    code: status.NOT_FOUND,
    details: 'ERROR_NOT_FOUND: no supervisor "a"',
  });
  expect(unimplemented('x')).toEqual({ code: status.UNIMPLEMENTED, details: 'ERROR_UNIMPLEMENTED: x' });
  expect(callRefusal('BAD_USER_INPUT', 'version: expected one', 'REQUIRED_PARAMETER')).toEqual({
    code: status.INVALID_ARGUMENT,
    details: 'ERROR_REQUIRED_PARAMETER: version: expected one',
  });
});

test('details that quote half a surrogate pair can be sent', () => {
  const half = '\u{1F600}'.slice(0, 1);
  expect(() => encodeURI(detailsOf('NOT_FOUND', half))).not.toThrow();
});
