import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ExecutionResult } from 'graphql';
import type { Answer } from './operation.ts';

/** Characters of a text that is parsed in one turn of the event loop, and serialised again, by the front, in another. */
const largeText = 256 * 1024;

/** An answer as a result; a large one in the next turn of the event loop (W3). */
export function resultOf(answer: Answer): ExecutionResult | Promise<ExecutionResult> {
  if (!('dataText' in answer)) return answer;
  const { dataText, cost } = answer;
  const result = { data: JSON.parse(dataText), ...(cost === null ? {} : { extensions: { cost } }) };
  return dataText.length > largeText ? nextTurn(result) : result;
}
