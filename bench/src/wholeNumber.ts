import { BenchError } from './benchError.ts';

/** @throws BenchError that names the option, what was expected and what came. */
export function wholeNumber(name: string, text: string, most: number, least = 1): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new BenchError(`${name}: expected a whole number from ${least} to ${most}; got ${JSON.stringify(text)}`);
}
