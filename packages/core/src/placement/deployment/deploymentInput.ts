import type { Deployment, RolloutFailureAction } from '@muster/db';
import { z } from 'zod';
import { badUserInput } from '../../base/errors.ts';
import type { Limits, Settings } from '../../base/settings.ts';
import { describe, type JsonObject, jsonObject, parse, perLimits, text } from '../../base/validate.ts';
import type { SupervisorFilter } from '../../query/filter.ts';
import {
  defaultDeadlineSeconds,
  healthOf,
  longestSeconds,
  mostSupervisors,
  rolloutPace,
} from '../rollout/rolloutPace.ts';
import { parseSelectorFilter } from './deploymentSelector.ts';

/** C3: the settings of the rollout that a change of version is, as R1 to R5 have them. */
export interface RolloutSettings {
  readonly minHealthySeconds: number;
  readonly healthyDeadlineSeconds: number;
  readonly maxFailures: number;
  readonly onFailure: RolloutFailureAction;
  readonly deadlineSeconds: number;
  readonly canary: { readonly count: number; readonly autoPromoteSeconds: number | null } | null;
}

/** C2: what a deployment asks for, but for the name and the plugin, which never change. */
export type DeploymentSpec = Pick<
  Deployment,
  'version' | 'allowPublic' | 'mode' | 'count' | 'spreadBy' | 'maxUnavailable' | 'replaceAfterSeconds' | 'isPaused'
> & {
  readonly labels: JsonObject;
  readonly filter: JsonObject | null;
  readonly rolloutSettings: RolloutSettings;
};

/** The fields of a deployment that an update may change; each may be left out, and then stays. */
export type SpecInput = z.input<ReturnType<typeof specSchema>> & {
  /** The filter that a supervisor must meet; null for none. */
  readonly filter?: SupervisorFilter | null | undefined;
};

/** Supervisors that a round changes at a time where the input doesn't say. */
const defaultMaxUnavailable = 10;

/** The schema of the fields that an update may change. */
const specSchema = perLimits((limits) => {
  return z.object({
    version: text(limits.pluginIdLength).nullish(),
    /** M1: the labels that a supervisor must have. Default: none. */
    labels: jsonObject(limits).nullish(),
    /** M2: whether public supervisors of other domains may take it. Default false. */
    allowPublic: z.boolean('expected true or false').nullish(),
    mode: z.enum(['ALL', 'COUNT'], 'expected ALL or COUNT').nullish(),
    count: z.int().min(0).max(mostSupervisors).nullish(),
    spreadBy: text(limits.nameLength).nullish(),
    /** C3: supervisors that a round, or the rollout, changes at a time. Default 10. */
    maxUnavailable: z.int().min(1).max(mostSupervisors).nullish(),
    /** C3: seconds that a supervisor may be away until its plugin is placed elsewhere. Default: for ever. */
    replaceAfterSeconds: z.int().min(1).max(longestSeconds).nullish(),
    rolloutSettings: z.object(rolloutPace).nullish(),
    isPaused: z.boolean('expected true or false').nullish(),
  });
});

/**
 * The wish of a new deployment.
 *
 * @throws DomainError BAD_USER_INPUT, with the path of the field
 */
export function newSpec(input: Record<string, unknown>, settings: Settings): DeploymentSpec {
  const given = parse(specSchema(settings.limits), input);
  if (given.version == null) throw badUserInput(['version'], 'expected a text; got nothing');
  if (given.mode == null) throw badUserInput(['mode'], 'expected ALL or COUNT; got nothing');
  return checkedSpec(
    {
      version: given.version,
      labels: given.labels ?? {},
      filter: filterOf(input.filter, settings.limits),
      allowPublic: given.allowPublic ?? false,
      mode: given.mode,
      count: given.count ?? null,
      spreadBy: given.spreadBy ?? null,
      maxUnavailable: given.maxUnavailable ?? defaultMaxUnavailable,
      replaceAfterSeconds: given.replaceAfterSeconds ?? null,
      rolloutSettings: rolloutSettingsOf(given.rolloutSettings ?? {}, settings),
      isPaused: given.isPaused ?? false,
    },
    given,
  );
}

/**
 * The wish of a deployment after an update: a field that is left out stays, and null clears it where it may be none.
 * Labels, the filter and the settings of rollouts are replaced whole. A change of mode to ALL clears what is COUNT's.
 *
 * @throws DomainError BAD_USER_INPUT, with the path of the field
 */
export function changedSpec(
  present: DeploymentSpec,
  input: Record<string, unknown>,
  settings: Settings,
): DeploymentSpec {
  const given = parse(specSchema(settings.limits), input);
  const mode = given.mode ?? present.mode;
  const ofCount = <Value>(asked: Value | null | undefined, was: Value | null): Value | null => {
    if (asked !== undefined) return asked;
    return mode === 'COUNT' ? was : null;
  };
  return checkedSpec(
    {
      version: given.version ?? present.version,
      labels: given.labels === undefined ? present.labels : (given.labels ?? {}),
      filter: input.filter === undefined ? present.filter : filterOf(input.filter, settings.limits),
      allowPublic: given.allowPublic ?? present.allowPublic,
      mode,
      count: ofCount(given.count, present.count),
      spreadBy: ofCount(given.spreadBy, present.spreadBy),
      maxUnavailable: given.maxUnavailable ?? present.maxUnavailable,
      replaceAfterSeconds: ofCount(given.replaceAfterSeconds, present.replaceAfterSeconds),
      rolloutSettings:
        given.rolloutSettings == null ? present.rolloutSettings : rolloutSettingsOf(given.rolloutSettings, settings),
      isPaused: given.isPaused ?? present.isPaused,
    },
    given,
  );
}

function checkedSpec(spec: DeploymentSpec, given: object): DeploymentSpec {
  if (spec.mode === 'COUNT') {
    if (spec.count === null) throw badUserInput(['count'], 'expected a number with the mode COUNT; got nothing');
    return spec;
  }
  for (const field of ['count', 'spreadBy', 'replaceAfterSeconds'] as const) {
    if (spec[field] === null) continue;
    throw badUserInput([field], `expected none with the mode ALL; got ${describe(Reflect.get(given, field))}`);
  }
  return spec;
}

function filterOf(filter: unknown, limits: Limits): JsonObject | null {
  if (filter === null || filter === undefined) return null;
  parseSelectorFilter(filter as SupervisorFilter, limits);
  // As it is stored: times are texts.
  return JSON.parse(JSON.stringify(filter)) as JsonObject;
}

function rolloutSettingsOf(
  given: NonNullable<z.output<ReturnType<typeof specSchema>>['rolloutSettings']>,
  { provisioningDeadlineSeconds }: Settings,
): RolloutSettings {
  const { canary } = given;
  return {
    ...healthOf(given, provisioningDeadlineSeconds, ['rolloutSettings']),
    maxFailures: given.maxFailures ?? 0,
    onFailure: given.onFailure ?? 'ROLL_BACK',
    deadlineSeconds: given.deadlineSeconds ?? defaultDeadlineSeconds,
    canary: canary == null ? null : { count: canary.count, autoPromoteSeconds: canary.autoPromoteSeconds ?? null },
  };
}

/** The wish of a stored deployment. */
export function specOf(deployment: Deployment): DeploymentSpec {
  const { version, allowPublic, mode, count, spreadBy, maxUnavailable, replaceAfterSeconds, isPaused } = deployment;
  return {
    version,
    labels: deployment.labels as JsonObject,
    filter: deployment.filter as JsonObject | null,
    allowPublic,
    mode,
    count,
    spreadBy,
    maxUnavailable,
    replaceAfterSeconds,
    rolloutSettings: deployment.rolloutSettings as unknown as RolloutSettings,
    isPaused,
  };
}
