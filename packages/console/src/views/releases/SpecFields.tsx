import type { HealthCheckKind } from '../../generated/operations.ts';
import { Field } from '../../ui/Field.tsx';
import { RowsField } from '../../ui/RowsField.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { emptyPort, emptyVariable, type SpecForm, schemes } from './specForm.ts';

const healthKinds: readonly { readonly kind: HealthCheckKind | ''; readonly words: string }[] = [
  { kind: '', words: 'By the first port' },
  { kind: 'GRPC', words: 'gRPC health service' },
  { kind: 'HTTP', words: 'HTTP request' },
  { kind: 'TCP', words: 'TCP connection' },
  { kind: 'NONE', words: 'None' },
];

interface SpecFieldsProps {
  readonly form: SpecForm;
  readonly onChange: (form: SpecForm) => void;
}

/** All fields of a spec. */
export function SpecFields({ form, onChange }: SpecFieldsProps) {
  const set = (some: Partial<SpecForm>) => onChange({ ...form, ...some });
  return (
    <>
      <TextField
        label="Image"
        hint="With a tag or a digest. Empty where agents know it by themselves, or run the command."
        placeholder="registry.example.com/team/collector:1.0.0"
        value={form.image}
        onChange={(image) => set({ image })}
      />
      <div class="columns">
        <TextField
          label="Command"
          hint="A word a line. Empty: that of the image."
          lines={2}
          value={form.command}
          onChange={(command) => set({ command })}
        />
        <TextField
          label="Arguments"
          hint="One a line."
          lines={2}
          value={form.arguments}
          onChange={(words) => set({ arguments: words })}
        />
      </div>
      <PortRows form={form} set={set} />
      <VariableRows form={form} set={set} />
      <HealthFields form={form} set={set} />
      <div class="columns">
        <TextField
          label="Memory (MiB)"
          least={6}
          placeholder="as the agent has it"
          value={form.memoryMib}
          onChange={(memoryMib) => set({ memoryMib })}
        />
        <TextField
          label="Processor (thousandths of a core)"
          least={1}
          placeholder="as the agent has it"
          value={form.cpuMillis}
          onChange={(cpuMillis) => set({ cpuMillis })}
        />
        <TextField
          label="Time to stop (seconds)"
          least={0}
          placeholder="10"
          value={form.stopTimeoutSeconds}
          onChange={(stopTimeoutSeconds) => set({ stopTimeoutSeconds })}
        />
      </div>
    </>
  );
}

interface PartProps {
  readonly form: SpecForm;
  readonly set: (some: Partial<SpecForm>) => void;
}

function PortRows({ form, set }: PartProps) {
  return (
    <RowsField label="Ports" what="port" rows={form.ports} onChange={(ports) => set({ ports })} empty={emptyPort}>
      {(row, change, number) => (
        <>
          <input
            aria-label={`Name of port ${number}`}
            placeholder="name"
            spellcheck={false}
            value={row.name}
            onInput={(event) => change({ name: event.currentTarget.value })}
          />
          <input
            aria-label={`Number of port ${number}`}
            type="number"
            min="1"
            max="65535"
            placeholder="50051"
            value={row.port}
            onInput={(event) => change({ port: event.currentTarget.value })}
          />
          <select
            aria-label={`Scheme of port ${number}`}
            value={row.scheme}
            onChange={(event) => change({ scheme: event.currentTarget.value })}
          >
            {schemes.map((scheme) => (
              <option key={scheme}>{scheme}</option>
            ))}
          </select>
        </>
      )}
    </RowsField>
  );
}

function VariableRows({ form, set }: PartProps) {
  return (
    <RowsField
      label="Environment"
      what="variable"
      rows={form.environment}
      onChange={(environment) => set({ environment })}
      empty={emptyVariable}
    >
      {(row, change, number) => (
        <>
          <input
            aria-label={`Name of variable ${number}`}
            placeholder="NAME"
            spellcheck={false}
            value={row.name}
            onInput={(event) => change({ name: event.currentTarget.value })}
          />
          <select
            aria-label={`Kind of variable ${number}`}
            value={row.isSecret ? 'secret' : 'value'}
            onChange={(event) => change({ isSecret: event.currentTarget.value === 'secret' })}
          >
            <option value="value">value</option>
            <option value="secret">secret</option>
          </select>
          <input
            aria-label={`${row.isSecret ? 'Secret' : 'Value'} of variable ${number}`}
            placeholder={row.isSecret ? 'name of a secret of the agent' : 'value'}
            spellcheck={false}
            value={row.text}
            onInput={(event) => change({ text: event.currentTarget.value })}
          />
        </>
      )}
    </RowsField>
  );
}

function HealthFields({ form, set }: PartProps) {
  const { healthKind } = form;
  return (
    <div class="columns">
      <Field label="Health check">
        {(ids) => (
          <select
            {...ids}
            value={healthKind}
            onChange={(event) => set({ healthKind: event.currentTarget.value as SpecForm['healthKind'] })}
          >
            {healthKinds.map(({ kind, words }) => (
              <option key={kind} value={kind}>
                {words}
              </option>
            ))}
          </select>
        )}
      </Field>
      {healthKind !== 'NONE' && (
        <TextField
          label="Port to check"
          placeholder="the first"
          value={form.healthPort}
          onChange={(healthPort) => set({ healthPort })}
        />
      )}
      {healthKind === 'HTTP' && (
        <TextField
          label="Path"
          placeholder="/"
          value={form.healthPath}
          onChange={(healthPath) => set({ healthPath })}
        />
      )}
      {healthKind === 'GRPC' && (
        <TextField
          label="Service"
          placeholder="the server as a whole"
          value={form.healthService}
          onChange={(healthService) => set({ healthService })}
        />
      )}
      <TextField
        label="Every (seconds)"
        least={1}
        placeholder="5"
        value={form.intervalSeconds}
        onChange={(intervalSeconds) => set({ intervalSeconds })}
      />
    </div>
  );
}
