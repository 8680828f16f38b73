import { useState } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import { createAgentToken } from '../../generated/operations.ts';
import { ActionDialog } from '../../ui/ActionDialog.tsx';
import { DomainField, useDomain } from '../../ui/DomainField.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { EndField, useEnd } from './EndField.tsx';
import { showToken } from './showToken.tsx';
import { useIsOpenServer } from './useIsOpenServer.ts';

/** Makes a token for an agent that takes JWTs alone. */
export function AgentTokenDialog({ onClose }: { readonly onClose: () => void }) {
  const services = useServices();
  const isOpenServer = useIsOpenServer();
  const domain = useDomain();
  const end = useEnd();
  const [hostname, setHostname] = useState('');
  const [name, setName] = useState('');
  const called = name.trim() || hostname.trim();
  return (
    <ActionDialog
      title="Make an agent’s token"
      verb="Make token"
      document={createAgentToken}
      variables={{
        input: {
          ...domain.input,
          hostname: hostname.trim(),
          ...(name.trim() !== '' && { name: name.trim() }),
          ...(end.at !== undefined && { expiresAt: end.at }),
        },
      }}
      problem={hostname.trim() === '' ? 'expected a hostname' : domain.problem}
      done={() => `The token of ${called} is made.`}
      onDone={({ createAgentToken: answer }) => answer && showToken(services, called, answer.token, false)}
      onClose={onClose}
    >
      <p>
        For agents of <code>spaceone.api.plugin.v1</code>, which take a JWT alone. Other agents get an API key, or
        enroll.
      </p>
      {isOpenServer && (
        <div class="callout" data-tone="warn">
          <p>
            The server runs open, so this token is not stored: it counts for nothing once the first key is made. Make an
            administrator’s key first.
          </p>
        </div>
      )}
      <div class="columns">
        <TextField
          label="Hostname"
          hint="The only host that it speaks for."
          isRequired
          value={hostname}
          onChange={setHostname}
        />
        <TextField label="Name" placeholder="the hostname" value={name} onChange={setName} />
      </div>
      <div class="columns">
        <DomainField domain={domain} />
        <EndField label="Ends" end={end} fallback="in a year" />
      </div>
    </ActionDialog>
  );
}
