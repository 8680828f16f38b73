import { InputError } from '@muster/core';

/**
 * BAD_USER_INPUT: a request lacks a field that it needs. Clients of the reference know this refusal by another name, which
 * gRPC's details carry; the error code stays one of the closed set.
 */
export class RequiredParameter extends InputError {}
