import { useState } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import { createEnrollmentKey } from '../../generated/operations.ts';
import { ActionDialog } from '../../ui/ActionDialog.tsx';
import { DomainField, useDomain } from '../../ui/DomainField.tsx';
import { Check } from '../../ui/Field.tsx';
import { pairsOf } from '../../ui/pairs.ts';
import { TextField } from '../../ui/TextField.tsx';
import { EndField, useEnd } from './EndField.tsx';
import { showToken } from './showToken.tsx';

/** Makes a key that only brings newcomers in (A7). */
export function EnrollmentKeyDialog({ onClose }: { readonly onClose: () => void }) {
  const services = useServices();
  const domain = useDomain();
  const end = useEnd();
  const keysEnd = useEnd();
  const [name, setName] = useState('');
  const [most, setMost] = useState('10');
  const [labels, setLabels] = useState('');
  const [registers, setRegisters] = useState(false);
  const parsed = pairsOf(labels);
  const problem = (name.trim() === '' ? 'expected a name' : null) ?? domain.problem ?? parsed.problem;
  return (
    <ActionDialog
      title="Make an enrollment key"
      verb="Make key"
      document={createEnrollmentKey}
      variables={{
        input: {
          ...domain.input,
          name: name.trim(),
          maxNewcomers: Number(most || '1'),
          ...(registers && { registers }),
          ...(Object.keys(parsed.pairs).length > 0 && { labels: parsed.pairs }),
          ...(end.at !== undefined && { expiresAt: end.at }),
          ...(keysEnd.at !== undefined && { keysExpireAt: keysEnd.at }),
        },
      }}
      problem={problem}
      done={() => `The key ${name.trim()} is made.`}
      onDone={({ createEnrollmentKey: answer }) =>
        answer && showToken(services, answer.apiKey.name, answer.token, false)
      }
      onClose={onClose}
    >
      <p>Hosts that are not known yet report with it, and each gets a key of its own back. It does nothing else.</p>
      <div class="columns">
        <TextField label="Name" isRequired value={name} onChange={setName} />
        <TextField label="Newcomers at most" least={1} isRequired value={most} onChange={setMost} />
        <DomainField domain={domain} />
      </div>
      <div class="columns">
        <EndField label="Newcomers may come" end={end} fallback="for one day" />
        <EndField label="Their keys end" end={keysEnd} fallback="never" />
      </div>
      <TextField
        label="Labels"
        hint="One key=value a line. Each newcomer gets them, over those that it proposes."
        lines={2}
        value={labels}
        onChange={setLabels}
      />
      <Check
        label="Register them at once"
        hint="Otherwise an operator registers each."
        checked={registers}
        onChange={setRegisters}
      />
      {parsed.problem && <p class="problem">{parsed.problem}</p>}
    </ActionDialog>
  );
}
