import { z } from 'zod';

/** A variable of the environment, as the tables of settings have it. */
export interface Variable<Schema extends z.ZodType> {
  /** Parses the text. */
  readonly schema: Schema;
  /** The text of a variable that isn't set; a variable without a fallback may be missing. */
  readonly fallback?: string;
  /** The text is never shown, since it holds a password. */
  readonly secret?: true;
  /** Says what the variable does, with its unit. */
  readonly description: string;
}

/** Keeps the type of a variable's value. */
export const variable = <Schema extends z.ZodType>(definition: Variable<Schema>) => definition;

/** A whole number, both ends included. */
export const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, `expected a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `expected a whole number from ${least} to ${most}`);

/** `true` or `false`. */
export const flag = z.enum(['true', 'false'], 'expected true or false').transform((value) => value === 'true');
