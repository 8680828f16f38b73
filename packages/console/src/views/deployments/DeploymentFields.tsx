import type { RolloutFailureAction } from '../../generated/operations.ts';
import { Check, Field } from '../../ui/Field.tsx';
import { Segments } from '../../ui/Segments.tsx';
import { TextField } from '../../ui/TextField.tsx';
import type { DeploymentForm } from './deploymentForm.ts';

interface DeploymentFieldsProps {
  readonly form: DeploymentForm;
  readonly onChange: (form: DeploymentForm) => void;
}

/** What a deployment asks for, but for its names. */
export function DeploymentFields({ form, onChange }: DeploymentFieldsProps) {
  const set = (some: Partial<DeploymentForm>) => onChange({ ...form, ...some });
  return (
    <>
      <WhereFields form={form} set={set} />
      <details class="more-fields">
        <summary>Which supervisors, more exactly</summary>
        <TextField
          label="Filter"
          hint="A SupervisorFilter as JSON, beside the labels; on neither plugins nor lastSeenAt."
          lines={3}
          placeholder={'{"priority": {"gte": 10}}'}
          value={form.filter}
          onChange={(filter) => set({ filter })}
        />
        <Check
          label="Public supervisors of other domains, too"
          checked={form.allowPublic}
          onChange={(allowPublic) => set({ allowPublic })}
        />
      </details>
      <details class="more-fields">
        <summary>How a change of version goes</summary>
        <RolloutFields form={form} set={set} />
      </details>
      <Check
        label="Paused"
        hint="Nothing new is begun until it is resumed."
        checked={form.isPaused}
        onChange={(isPaused) => set({ isPaused })}
      />
    </>
  );
}

interface PartProps {
  readonly form: DeploymentForm;
  readonly set: (some: Partial<DeploymentForm>) => void;
}

function WhereFields({ form, set }: PartProps) {
  return (
    <>
      <div class="columns">
        <TextField
          label="Labels of the supervisors"
          hint="One key=value a line; all of them must be there. Empty: any."
          lines={2}
          placeholder="env=prod"
          value={form.labels}
          onChange={(labels) => set({ labels })}
        />
        <div class="field">
          <span class="field-title">On</span>
          <Segments
            label="On how many supervisors"
            options={[
              { value: 'ALL', label: 'All that match' },
              { value: 'COUNT', label: 'A number of them' },
            ]}
            chosen={form.mode}
            onChange={(mode) => set({ mode })}
          />
        </div>
      </div>
      {form.mode === 'COUNT' && (
        <div class="columns">
          <TextField label="Supervisors" least={0} isRequired value={form.count} onChange={(count) => set({ count })} />
          <TextField
            label="Spread by the label"
            placeholder="zone"
            value={form.spreadBy}
            onChange={(spreadBy) => set({ spreadBy })}
          />
          <TextField
            label="Replaced when away for (seconds)"
            least={1}
            placeholder="never"
            value={form.replaceAfterSeconds}
            onChange={(replaceAfterSeconds) => set({ replaceAfterSeconds })}
          />
        </div>
      )}
      <div class="columns">
        <TextField
          label="Changed at the same time"
          hint="Installs, withdrawals and steps of a rollout."
          least={1}
          placeholder="10"
          value={form.maxUnavailable}
          onChange={(maxUnavailable) => set({ maxUnavailable })}
        />
      </div>
    </>
  );
}

function RolloutFields({ form, set }: PartProps) {
  return (
    <>
      <div class="columns">
        <TextField
          label="Canaries"
          hint="So many first; then it waits."
          least={1}
          placeholder="none"
          value={form.canary}
          onChange={(canary) => set({ canary })}
        />
        {form.canary !== '' && (
          <TextField
            label="Promoted by itself after (seconds)"
            least={0}
            placeholder="never"
            value={form.autoPromoteSeconds}
            onChange={(autoPromoteSeconds) => set({ autoPromoteSeconds })}
          />
        )}
        <TextField
          label="May fail"
          least={0}
          placeholder="0"
          value={form.maxFailures}
          onChange={(maxFailures) => set({ maxFailures })}
        />
        <Field label="Past that it">
          {(ids) => (
            <select
              {...ids}
              value={form.onFailure}
              onChange={(event) => set({ onFailure: event.currentTarget.value as RolloutFailureAction })}
            >
              <option value="ROLL_BACK">rolls back</option>
              <option value="PAUSE">pauses</option>
            </select>
          )}
        </Field>
      </div>
      <div class="columns">
        <TextField
          label="Well for (seconds)"
          least={0}
          placeholder="10"
          value={form.minHealthySeconds}
          onChange={(minHealthySeconds) => set({ minHealthySeconds })}
        />
        <TextField
          label="Within (seconds)"
          least={1}
          placeholder="600"
          value={form.healthyDeadlineSeconds}
          onChange={(healthyDeadlineSeconds) => set({ healthyDeadlineSeconds })}
        />
        <TextField
          label="Waits for the absent (seconds)"
          least={1}
          placeholder="86400"
          value={form.deadlineSeconds}
          onChange={(deadlineSeconds) => set({ deadlineSeconds })}
        />
      </div>
    </>
  );
}
