import { BenchError } from './benchError.ts';

/**
 * Parses the value of an option.
 *
 * @throws BenchError that names the option, the expected and the actual value
 */
export function parseWholeNumber(name: string, text: string, max: number, min = 1): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new BenchError(`${name}: expected a whole number from ${min} to ${max}; got ${JSON.stringify(text)}`);
}
