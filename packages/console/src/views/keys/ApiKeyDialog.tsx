import { useState } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import { createApiKey, type Role } from '../../generated/operations.ts';
import { useIsAdmin } from '../../session/useRole.ts';
import { ActionDialog } from '../../ui/ActionDialog.tsx';
import { DomainField, useDomain } from '../../ui/DomainField.tsx';
import { Field } from '../../ui/Field.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { EndField, useEnd } from './EndField.tsx';
import { showToken } from './showToken.tsx';
import { useIsOpenServer } from './useIsOpenServer.ts';

const roles: readonly { readonly role: Role; readonly words: string }[] = [
  { role: 'VIEWER', words: 'Viewer: reads' },
  { role: 'OPERATOR', words: 'Operator: reads and changes' },
  { role: 'SUPERVISOR', words: 'Supervisor: an agent, which reports itself' },
  { role: 'ADMIN', words: 'Admin: everything' },
];

/** Makes an API key. */
export function ApiKeyDialog({ onClose }: { readonly onClose: () => void }) {
  const services = useServices();
  const isAdmin = useIsAdmin();
  const isOpenServer = useIsOpenServer();
  const domain = useDomain();
  const end = useEnd();
  const [name, setName] = useState('');
  const [chosen, setRole] = useState<Role>('OPERATOR');
  const [hostname, setHostname] = useState('');
  // Whoever makes the first key must be able to make the others.
  const role = isOpenServer ? 'ADMIN' : chosen;
  const problem = name.trim() === '' ? 'expected a name' : role === 'ADMIN' ? null : domain.problem;
  return (
    <ActionDialog
      title="Make an API key"
      verb="Make key"
      document={createApiKey}
      variables={{
        input: {
          name: name.trim(),
          role,
          ...(!isOpenServer && domain.input),
          ...(role === 'SUPERVISOR' && hostname.trim() !== '' && { hostname: hostname.trim() }),
          ...(end.at !== undefined && { expiresAt: end.at }),
        },
      }}
      problem={problem}
      done={() => `The key ${name.trim()} is made.`}
      onDone={({ createApiKey: answer }) =>
        answer && showToken(services, answer.apiKey.name, answer.token, isOpenServer)
      }
      onClose={onClose}
    >
      {isOpenServer && (
        <div class="callout" data-tone="warn">
          <p>
            <strong>This closes the server.</strong> It runs open now. With its first key everybody needs a credential,
            agents too. The first key is an administrator’s of all domains; this tab goes on with it.
          </p>
        </div>
      )}
      <TextField label="Name" hint="Whose it is, or what for." isRequired value={name} onChange={setName} />
      {!isOpenServer && (
        <Field label="Role">
          {(ids) => (
            <select {...ids} value={role} onChange={(event) => setRole(event.currentTarget.value as Role)}>
              {roles
                .filter((each) => isAdmin || each.role !== 'ADMIN')
                .map((each) => (
                  <option key={each.role} value={each.role}>
                    {each.words}
                  </option>
                ))}
            </select>
          )}
        </Field>
      )}
      <div class="columns">
        {!isOpenServer && (
          <DomainField
            domain={domain}
            isRequired={role !== 'ADMIN'}
            {...(role === 'ADMIN' && { hint: 'Empty for all domains.' })}
          />
        )}
        <EndField label="Ends" end={end} fallback="never" />
        {role === 'SUPERVISOR' && (
          <TextField label="Only for the host" hint="Empty for every host." value={hostname} onChange={setHostname} />
        )}
      </div>
    </ActionDialog>
  );
}
