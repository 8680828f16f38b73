import { AnswerTooLargeError, type Core, turnToSerialise, type Viewer } from '@muster/core';
import type { ExecutionResult } from 'graphql';
import { jsonBytes } from './jsonBytes.ts';
import { viewerKey } from './rateLimiter.ts';

/** Whose result it is. */
interface Asked {
  readonly viewer: Viewer;
  readonly kind: string;
}

/**
 * Holds a result against the bound of an answer's bytes, before it is serialised, and has a large one wait for a turn of
 * the event loop (W3).
 *
 * @throws AnswerTooLargeError where the data and the errors have more bytes than `limits.answerBytes`; rejects with it, too
 */
export function boundAnswer(
  { settings, pacer }: Pick<Core, 'settings' | 'pacer'>,
  { viewer, kind }: Asked,
  result: ExecutionResult,
): ExecutionResult | Promise<ExecutionResult> {
  const maxBytes = settings.limits.answerBytes;
  const dataBytes = jsonBytes(result.data, maxBytes);
  const bytes = dataBytes + jsonBytes(result.errors, maxBytes - dataBytes);
  if (bytes > maxBytes) throw new AnswerTooLargeError(viewer, { maxBytes, isDone: kind === 'mutation' });
  return turnToSerialise(pacer, viewerKey(viewer), bytes)?.then(() => result) ?? result;
}
