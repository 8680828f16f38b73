import type { ExecutionResult } from 'graphql';

const text = Symbol('text');

/** A result whose data came as text, and is parsed only for whoever looks into it. */
export interface TextResult extends ExecutionResult<Record<string, unknown>> {
  readonly [text]: string;
}

export function createTextResult(dataText: string): TextResult {
  let data: Record<string, unknown> | undefined;
  return {
    get data() {
      data ??= JSON.parse(dataText) as Record<string, unknown>;
      return data;
    },
    [text]: dataText,
  };
}

/** The text of a result's data; null where it has none, or says more than data. */
export function dataTextOf(result: ExecutionResult): string | null {
  return isTextResult(result) && !result.errors && !result.extensions ? result[text] : null;
}

export function isTextResult(result: ExecutionResult): result is TextResult {
  return text in result;
}
