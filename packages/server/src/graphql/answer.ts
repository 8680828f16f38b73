import type { ExecutionResult } from 'graphql';
import type { Answer } from './operation.ts';

/** An answer as a result. */
export function resultOf(answer: Answer): ExecutionResult {
  if (!('dataText' in answer)) return answer;
  const { dataText, cost } = answer;
  return { data: JSON.parse(dataText), ...(cost === null ? {} : { extensions: { cost } }) };
}
