import type { Config } from '../config/config.ts';
import { documentLimits } from './documentLimits.ts';
import type { Guard } from './guard.ts';
import { costBudget, costLimit, subscriptionCostLimit } from './operationCost.ts';
import type { Charge } from './rateLimiter.ts';
import { textLimits } from './textLimits.ts';
import { variableLimits } from './variableLimits.ts';

/** The settings that the standard guards read. */
type GuardSettings = Pick<
  Config,
  | 'MUSTER_MAX_DOCUMENT_CHARACTERS'
  | 'MUSTER_MAX_TOKENS'
  | 'MUSTER_MAX_DIRECTIVES'
  | 'MUSTER_MAX_OPERATIONS_PER_DOCUMENT'
  | 'MUSTER_MAX_DEPTH'
  | 'MUSTER_MAX_ALIASES'
  | 'MUSTER_MAX_ROOT_FIELDS'
  | 'MUSTER_MAX_FIELD_COMPARISONS'
  | 'MUSTER_MAX_VARIABLE_VALUES'
  | 'MUSTER_MAX_COST'
  | 'MUSTER_MAX_SUBSCRIPTION_COST'
>;

/** Makes a server's guards, which take points from the budgets of those whose operations they let through. */
export type CreateGuards = (config: GuardSettings, budget: Charge) => readonly Guard[];

/** The limits of every operation, in the order in which they are asked: a new limit is one more line. */
export const standardGuards: CreateGuards = (config, budget) => [
  textLimits(
    {
      characters: config.MUSTER_MAX_DOCUMENT_CHARACTERS,
      tokens: config.MUSTER_MAX_TOKENS,
      directives: config.MUSTER_MAX_DIRECTIVES,
    },
    budget,
  ),
  documentLimits({
    operations: config.MUSTER_MAX_OPERATIONS_PER_DOCUMENT,
    depth: config.MUSTER_MAX_DEPTH,
    aliases: config.MUSTER_MAX_ALIASES,
    rootFields: config.MUSTER_MAX_ROOT_FIELDS,
    comparisons: config.MUSTER_MAX_FIELD_COMPARISONS,
  }),
  variableLimits(config.MUSTER_MAX_VARIABLE_VALUES, budget),
  costLimit(config.MUSTER_MAX_COST),
  subscriptionCostLimit(config.MUSTER_MAX_SUBSCRIPTION_COST),
  costBudget(budget),
];
