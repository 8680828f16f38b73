import { InputError } from '@muster/core';

/** A message in JSON, with the names of the .proto files. What isn't there was left out. */
export type WireObject = Readonly<Record<string, unknown>>;

/** What core calls a field, and what the wire calls it. */
export type FieldNames = Readonly<Record<string, string>>;

/** What was left out stays so; null stays null. */
export function toCore(message: WireObject, names: FieldNames): Record<string, unknown> {
  const given = Object.entries(names).filter(([, wireName]) => message[wireName] !== undefined);
  return Object.fromEntries(given.map(([name, wireName]) => [name, message[wireName]]));
}

/** Runs core's operation; what is wrong with its input is told by the wire's names. */
export async function withWireNames<Result>(operation: Promise<Result>, names: FieldNames): Promise<Result> {
  try {
    return await operation;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const [first, ...rest] = error.at;
    throw new InputError([names[String(first)] ?? String(first), ...rest], error.problem);
  }
}
