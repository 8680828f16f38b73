import type {
  CreateDeploymentInput,
  DeploymentMode,
  DeploymentRowFragment,
  RolloutFailureAction,
  RolloutSettingsInput,
} from '../../generated/operations.ts';
import { linesOf, pairsOf } from '../../ui/pairs.ts';

/** A deployment as it is typed: texts, of which empty ones stand for the defaults. */
export interface DeploymentForm {
  readonly version: string;
  readonly mode: DeploymentMode;
  readonly count: string;
  readonly spreadBy: string;
  readonly replaceAfterSeconds: string;
  /** One `key=value` a line. */
  readonly labels: string;
  /** A `SupervisorFilter` as JSON. */
  readonly filter: string;
  readonly allowPublic: boolean;
  readonly maxUnavailable: string;
  readonly canary: string;
  readonly autoPromoteSeconds: string;
  readonly maxFailures: string;
  readonly onFailure: RolloutFailureAction;
  readonly minHealthySeconds: string;
  readonly healthyDeadlineSeconds: string;
  readonly deadlineSeconds: string;
  readonly isPaused: boolean;
}

/** The wish of a form, in the words of an input. */
export type DeploymentWish = Omit<CreateDeploymentInput, 'domainId' | 'name' | 'pluginId' | 'dryRun'>;

export const emptyDeployment: DeploymentForm = {
  version: '',
  mode: 'ALL',
  count: '1',
  spreadBy: '',
  replaceAfterSeconds: '',
  labels: '',
  filter: '',
  allowPublic: false,
  maxUnavailable: '',
  canary: '',
  autoPromoteSeconds: '',
  maxFailures: '',
  onFailure: 'ROLL_BACK',
  minHealthySeconds: '',
  healthyDeadlineSeconds: '',
  deadlineSeconds: '',
  isPaused: false,
};

/** The form of a deployment as it is. */
export function formOf(row: DeploymentRowFragment): DeploymentForm {
  const { rolloutSettings: settings } = row;
  return {
    version: row.version,
    mode: row.mode,
    count: textOf(row.count) || '1',
    spreadBy: row.spreadBy ?? '',
    replaceAfterSeconds: textOf(row.replaceAfterSeconds),
    labels: linesOf(row.labels),
    filter: row.filter === null ? '' : JSON.stringify(row.filter, null, 2),
    allowPublic: row.allowPublic,
    maxUnavailable: String(row.maxUnavailable),
    canary: textOf(settings.canary?.count),
    autoPromoteSeconds: textOf(settings.canary?.autoPromoteSeconds),
    maxFailures: String(settings.maxFailures),
    onFailure: settings.onFailure,
    minHealthySeconds: String(settings.minHealthySeconds),
    healthyDeadlineSeconds: String(settings.healthyDeadlineSeconds),
    deadlineSeconds: String(settings.deadlineSeconds),
    isPaused: row.isPaused,
  };
}

/** The wish that a form stands for. Empty fields are left out, so that the server's defaults hold. */
export function wishOf(form: DeploymentForm): DeploymentWish {
  const { pairs } = pairsOf(form.labels);
  const isCounted = form.mode === 'COUNT';
  const settings = settingsOf(form);
  return {
    version: form.version.trim(),
    mode: form.mode,
    ...(isCounted && { count: Number(form.count || '0') }),
    ...(isCounted && form.spreadBy.trim() !== '' && { spreadBy: form.spreadBy.trim() }),
    ...(isCounted && form.replaceAfterSeconds !== '' && { replaceAfterSeconds: Number(form.replaceAfterSeconds) }),
    ...(Object.keys(pairs).length > 0 && { labels: pairs }),
    ...(form.filter.trim() !== '' && { filter: parsed(form.filter) ?? {} }),
    ...(form.allowPublic && { allowPublic: true }),
    ...(form.maxUnavailable !== '' && { maxUnavailable: Number(form.maxUnavailable) }),
    ...(Object.keys(settings).length > 0 && { rolloutSettings: settings }),
    ...(form.isPaused && { isPaused: true }),
  };
}

function settingsOf(form: DeploymentForm): RolloutSettingsInput {
  return {
    ...(form.canary !== '' && {
      canary: {
        count: Number(form.canary),
        ...(form.autoPromoteSeconds !== '' && { autoPromoteSeconds: Number(form.autoPromoteSeconds) }),
      },
    }),
    ...(form.maxFailures !== '' && { maxFailures: Number(form.maxFailures) }),
    ...(form.onFailure !== 'ROLL_BACK' && { onFailure: form.onFailure }),
    ...(form.minHealthySeconds !== '' && { minHealthySeconds: Number(form.minHealthySeconds) }),
    ...(form.healthyDeadlineSeconds !== '' && { healthyDeadlineSeconds: Number(form.healthyDeadlineSeconds) }),
    ...(form.deadlineSeconds !== '' && { deadlineSeconds: Number(form.deadlineSeconds) }),
  };
}

/** The difference between two wishes: the parts that the second one has otherwise; null for those that it lacks. */
export function changeOf(before: DeploymentWish, after: DeploymentWish): Readonly<Record<string, unknown>> {
  const names = Object.keys({ ...before, ...after }) as (keyof DeploymentWish)[];
  const changed = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return Object.fromEntries(changed.map((name) => [name, after[name] ?? emptied(name)]));
}

/** Stands for a part that is taken out. */
const emptied = (name: keyof DeploymentWish) => (name === 'allowPublic' || name === 'isPaused' ? false : null);

/** Why a form can't be sent; null where only the server may find something. */
export function deploymentProblem({ version, labels, filter, mode, count }: DeploymentForm): string | null {
  if (version.trim() === '') return 'expected a version';
  if (mode === 'COUNT' && count === '') return 'expected a number of supervisors';
  if (filter.trim() !== '' && parsed(filter) === null)
    return 'expected a SupervisorFilter as JSON, such as {"connected": {"eq": true}}';
  return pairsOf(labels).problem;
}

/** An object that JSON stands for; null where it is none. */
function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

const textOf = (value: number | null | undefined) => (value === null || value === undefined ? '' : String(value));
