import type { Config } from '../config/config.ts';
import { documentLimits } from './documentLimits.ts';
import type { Guard } from './guard.ts';
import { costBudget, costLimit } from './operationCost.ts';
import type { RateLimiter } from './rateLimiter.ts';
import { textLimits } from './textLimits.ts';
import { variableLimits } from './variableLimits.ts';

/** The settings that the standard guards read. */
type GuardSettings = Pick<
  Config,
  | 'MUSTER_MAX_TOKENS'
  | 'MUSTER_MAX_DIRECTIVES'
  | 'MUSTER_MAX_DEPTH'
  | 'MUSTER_MAX_ALIASES'
  | 'MUSTER_MAX_ROOT_FIELDS'
  | 'MUSTER_MAX_COST'
>;

/** Makes a server's guards. */
export type CreateGuards = (config: GuardSettings, rateLimiter: Pick<RateLimiter, 'charge'>) => readonly Guard[];

/** The limits of every operation, in the order in which they are asked: a new limit is one more line. */
export const standardGuards: CreateGuards = (config, rateLimiter) => [
  textLimits({ tokens: config.MUSTER_MAX_TOKENS, directives: config.MUSTER_MAX_DIRECTIVES }),
  documentLimits({
    depth: config.MUSTER_MAX_DEPTH,
    aliases: config.MUSTER_MAX_ALIASES,
    rootFields: config.MUSTER_MAX_ROOT_FIELDS,
  }),
  variableLimits(),
  costLimit(config.MUSTER_MAX_COST),
  costBudget(rateLimiter),
];
