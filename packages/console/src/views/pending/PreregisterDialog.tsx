import { useState } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import { preregisterSupervisor } from '../../generated/operations.ts';
import { ActionDialog } from '../../ui/ActionDialog.tsx';
import { Field } from '../../ui/Field.tsx';
import { pairsOf } from '../../ui/pairs.ts';

/** Registers a supervisor before it is first seen. */
export function PreregisterDialog({ onClose }: { readonly onClose: () => void }) {
  const { navigation, session } = useServices();
  const state = session.state.value;
  const ownDomain = state.kind === 'signed-in' ? state.viewer.domainId : null;
  const [domainId, setDomainId] = useState(ownDomain ?? '');
  const [hostname, setHostname] = useState('');
  const [name, setName] = useState('');
  const [labels, setLabels] = useState('');
  const parsed = pairsOf(labels);
  const isMissing = hostname.trim() === '' || domainId.trim() === '';
  return (
    <ActionDialog
      title="Register ahead"
      verb="Register"
      document={preregisterSupervisor}
      variables={{
        input: {
          domainId: domainId.trim(),
          hostname: hostname.trim(),
          ...(name.trim() !== '' && { name: name.trim() }),
          labels: parsed.pairs,
        },
      }}
      problem={isMissing ? 'expected a domain and a hostname' : parsed.problem}
      done={() => `${hostname.trim()} is registered; it is Enabled with its first report.`}
      onDone={({ preregisterSupervisor: answer }) => answer && navigation.go(`/supervisors/${answer.supervisor.id}`)}
      onClose={onClose}
    >
      <p>The supervisor is registered before its agent is first seen, and is Disconnected until then.</p>
      <div class="columns">
        <Field label="Hostname">
          {(ids) => (
            <input
              {...ids}
              required
              spellcheck={false}
              value={hostname}
              onInput={(event) => setHostname(event.currentTarget.value)}
            />
          )}
        </Field>
        <Field label="Name" hint="Empty: the hostname.">
          {(ids) => <input {...ids} value={name} onInput={(event) => setName(event.currentTarget.value)} />}
        </Field>
        {ownDomain === null && (
          <Field label="Domain">
            {(ids) => (
              <input
                {...ids}
                required
                spellcheck={false}
                value={domainId}
                onInput={(event) => setDomainId(event.currentTarget.value)}
              />
            )}
          </Field>
        )}
      </div>
      <Field label="Labels" hint="One key=value a line. Placement asks for them.">
        {(ids) => (
          <textarea
            {...ids}
            rows={3}
            spellcheck={false}
            value={labels}
            onInput={(event) => setLabels(event.currentTarget.value)}
          />
        )}
      </Field>
      {parsed.problem && <p class="problem">{parsed.problem}</p>}
    </ActionDialog>
  );
}
