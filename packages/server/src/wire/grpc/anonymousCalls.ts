import type { GraphQLError } from 'graphql';
import { tooManyWatches } from '../../errors/refusals.ts';
import type { AddressConcurrency } from '../../limits/addressConcurrency.ts';
import type { Authentication } from '../../security/authentication.ts';
import { type CallOptions, type CallPeer, refusalOf } from './grpcCall.ts';
import type { CallRefusal } from './grpcStatus.ts';

/** Bounds the calls that need no credential: health and reflection (W10). */
export interface AnonymousCalls {
  /** Takes a call, or a question of a stream, from its address's rate. @returns why it is refused; null where it isn't */
  refusalOf(call: CallPeer): CallRefusal | null;
  /** Counts a stream that watches. @returns how to release it; or why it is refused */
  acquireWatch(call: CallPeer): (() => void) | CallRefusal;
}

/** The parameters of `createAnonymousCalls`. */
export interface AnonymousCallsOptions extends Pick<CallOptions, 'clientOf'> {
  readonly authentication: Pick<Authentication, 'takeAnonymous' | 'addressOf' | 'noteRefusal'>;
  readonly watches: AddressConcurrency;
  mask(error: unknown): GraphQLError;
}

/** Makes the bounds of calls that need no credential. */
export function createAnonymousCalls({
  authentication,
  watches,
  clientOf,
  mask,
}: AnonymousCallsOptions): AnonymousCalls {
  return {
    refusalOf: (call) => {
      try {
        authentication.takeAnonymous(clientOf(call));
        return null;
      } catch (error) {
        return refusalOf(mask(error));
      }
    },
    acquireWatch: (call) => {
      const client = clientOf(call);
      const release = watches.acquire(authentication.addressOf(client).key);
      if (release) return release;
      const error = tooManyWatches();
      authentication.noteRefusal(client, error);
      return refusalOf(mask(error));
    },
  };
}
