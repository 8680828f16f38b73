import { DomainError, type ErrorCode } from '@muster/core';
import { GraphQLError } from 'graphql';
import type { Log } from './log.ts';
import type { RepeatLog } from './repeatLog.ts';

/** The codes of attempts at what the viewer may not do, or not as often. */
const attempts: readonly ErrorCode[] = ['UNAUTHENTICATED', 'FORBIDDEN', 'RATE_LIMITED', 'TOO_COMPLEX'];

/** How often refusals of clients that nobody knows are logged. */
const intervalMs = 60_000;
/** The most addresses of one interval that are logged by themselves; the others are counted together. */
const maxAddresses = 1_000;
const otherAddresses = 'others';

/** Logs refused attempts. The request itself is not logged, since a credential may be in it. */
export interface RefusalLog {
  /**
   * Logs the refusal of a viewer who is known, whichever front it came by: the code, and the viewer's subject; those that
   * are alike are counted for 10 s (O12).
   */
  refused(error: unknown): void;
  /** Counts the refusal of a client that isn't known; logged once a minute for each address (W11). */
  refusedAt(address: string, error: DomainError): void;
  /** Logs what was counted. */
  close(): void;
}

/** Makes a log of refusals. */
export function createRefusalLog(log: Log, repeatLog: Pick<RepeatLog, 'note'>): RefusalLog {
  /** How often each code was the answer, by address. */
  const counts = new Map<string, Partial<Record<ErrorCode, number>>>();

  function flush(): void {
    for (const [address, codes] of counts) log.info({ address, codes }, 'attempts were refused');
    counts.clear();
  }

  const timer = setInterval(flush, intervalMs).unref();
  return {
    refused: (error) => {
      const refusal = refusalIn(error);
      if (!refusal || !attempts.includes(refusal.code) || isByAddress(refusal)) return;
      const { code, subject } = refusal;
      const kind = `${code} ${subject}`;
      repeatLog.note({ level: 'info', message: 'an attempt was refused', fields: { code, subject }, kind });
    },
    refusedAt: (from, error) => {
      if (!isByAddress(error)) return;
      const address = counts.has(from) || counts.size < maxAddresses ? from : otherAddresses;
      const codes = counts.get(address) ?? {};
      codes[error.code] = (codes[error.code] ?? 0) + 1;
      counts.set(address, codes);
    },
    close: () => {
      clearInterval(timer);
      flush();
    },
  };
}

/** Whether a refusal came before its viewer was known, so that anybody could fill the log with such. */
function isByAddress({ code, subject }: DomainError): boolean {
  return subject === null && code !== 'TOO_COMPLEX' && attempts.includes(code);
}

/** GraphQL wraps what resolvers throw, sometimes twice. */
function refusalIn(error: unknown): DomainError | undefined {
  if (error instanceof GraphQLError && error.originalError) return refusalIn(error.originalError);
  return error instanceof DomainError ? error : undefined;
}
