import { tooManyWatches } from '../../errors/refusals.ts';
import type { AddressConcurrency } from '../../limits/addressConcurrency.ts';
import type { Authentication } from '../../security/authentication.ts';
import { type CallPeer, type RefusalOptions, refusalOf } from './grpcCall.ts';
import type { CallRefusal } from './grpcStatus.ts';

/** Bounds the calls that need no credential: health and reflection (W10). */
export interface AnonymousCalls {
  /** Takes a call, or a question of a stream, from its address's rate. @returns why it is refused, once that may be sent; null where it isn't */
  refusalOf(call: CallPeer): Promise<CallRefusal> | null;
  /** Counts a stream that watches. @returns how to release it; or why it is refused, once that may be sent */
  acquireWatch(call: CallPeer): (() => void) | Promise<CallRefusal>;
}

/** The parameters of `createAnonymousCalls`. */
export interface AnonymousCallsOptions extends RefusalOptions {
  readonly authentication: Pick<Authentication, 'takeAnonymous' | 'addressOf' | 'noteRefusal'>;
  readonly watches: AddressConcurrency;
}

/** Makes the bounds of calls that need no credential. */
export function createAnonymousCalls(options: AnonymousCallsOptions): AnonymousCalls {
  const { authentication, watches, clientOf } = options;
  return {
    refusalOf: (call) => {
      try {
        authentication.takeAnonymous(clientOf(call));
        return null;
      } catch (error) {
        return refusalOf(error, call, options);
      }
    },
    acquireWatch: (call) => {
      const client = clientOf(call);
      const release = watches.acquire(authentication.addressOf(client).key);
      if (release) return release;
      const error = tooManyWatches();
      authentication.noteRefusal(client, error);
      return refusalOf(error, call, options);
    },
  };
}
