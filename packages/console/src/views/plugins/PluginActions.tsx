import { RotateCw, Trash2, TrendingUp } from 'lucide';
import { useState } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import { type PluginRowFragment, recoverPlugin, uninstallPlugin, upgradePlugin } from '../../generated/operations.ts';
import { useMayOperate } from '../../session/useRole.ts';
import { ActionDialog } from '../../ui/ActionDialog.tsx';
import { Button } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';

interface PluginDialogProps {
  readonly row: PluginRowFragment;
  readonly onClose: () => void;
}

/** The actions on a plugin that the viewer's role allows (K15). */
export function PluginActions({ row }: { readonly row: PluginRowFragment }) {
  const { dialogs } = useServices();
  if (!useMayOperate()) return null;
  return (
    <>
      <Button icon={RotateCw} onClick={() => dialogs.show((close) => <RecoverDialog row={row} onClose={close} />)}>
        Recover
      </Button>
      <Button icon={TrendingUp} onClick={() => dialogs.show((close) => <UpgradeDialog row={row} onClose={close} />)}>
        Upgrade
      </Button>
      <Button icon={Trash2} onClick={() => dialogs.show((close) => <UninstallDialog row={row} onClose={close} />)}>
        Uninstall
      </Button>
    </>
  );
}

function PluginLine({ row }: { readonly row: PluginRowFragment }) {
  return (
    <p class="object-line">
      <strong>{row.pluginId}</strong> <span class="mono">{row.version}</span>{' '}
      <span class="muted">on {row.supervisorName}</span>
    </p>
  );
}

function RecoverDialog({ row, onClose }: PluginDialogProps) {
  const { supervisorId, pluginId, version } = row;
  return (
    <ActionDialog
      title={`Recover ${pluginId}`}
      verb="Recover"
      document={recoverPlugin}
      variables={{ input: { supervisorId, pluginId, version } }}
      done={() => `${pluginId} is being recovered.`}
      onClose={onClose}
    >
      <PluginLine row={row} />
      <p>
        Its agent stops the plugin and installs it again. Until it is Active its endpoints are handed out to nobody.
      </p>
    </ActionDialog>
  );
}

function UninstallDialog({ row, onClose }: PluginDialogProps) {
  const { supervisorId, pluginId, version, domainId } = row;
  return (
    <ActionDialog
      title={`Uninstall ${pluginId}`}
      verb="Uninstall"
      isDangerous
      typed={pluginId}
      document={uninstallPlugin}
      variables={{ input: { domainId, supervisorId, pluginId, version } }}
      done={() => `${pluginId} is no longer wanted on ${row.supervisorName}.`}
      onClose={onClose}
    >
      <PluginLine row={row} />
      <p>It leaves the list that its agent fetches; once the agent no longer reports it, it is gone.</p>
    </ActionDialog>
  );
}

function UpgradeDialog({ row, onClose }: PluginDialogProps) {
  const { navigation } = useServices();
  const { pluginId, version, domainId } = row;
  const [to, setTo] = useState('');
  const [atOnce, setAtOnce] = useState('1');
  const [canary, setCanary] = useState('');
  return (
    <ActionDialog
      title={`Upgrade ${pluginId}`}
      verb="Start rollout"
      document={upgradePlugin}
      variables={{
        input: {
          domainId,
          pluginId,
          from: version,
          to: to.trim(),
          maxUnavailable: Number(atOnce || '1'),
          ...(canary !== '' && { canary: { count: Number(canary) } }),
        },
      }}
      problem={to.trim() === '' ? 'expected a version' : null}
      done={() => `The rollout of ${pluginId} ${to.trim()} has begun.`}
      onDone={({ upgradePlugin: answer }) => answer && navigation.go(`/rollouts/${answer.rollout.id}`)}
      onClose={onClose}
    >
      <p>
        A rollout replaces version <code>{version}</code> of <strong>{pluginId}</strong> on all supervisors of{' '}
        <strong>{domainId}</strong>, step by step. A step that fails takes all of them back.
      </p>
      <div class="columns">
        <Field label="To version">
          {(ids) => (
            <input
              {...ids}
              required
              spellcheck={false}
              value={to}
              onInput={(event) => setTo(event.currentTarget.value)}
            />
          )}
        </Field>
        <Field label="At the same time">
          {(ids) => (
            <input
              {...ids}
              type="number"
              min="1"
              value={atOnce}
              onInput={(event) => setAtOnce(event.currentTarget.value)}
            />
          )}
        </Field>
        <Field label="Canaries" hint="So many first; then it waits to be promoted.">
          {(ids) => (
            <input
              {...ids}
              type="number"
              min="1"
              value={canary}
              onInput={(event) => setCanary(event.currentTarget.value)}
            />
          )}
        </Field>
      </div>
    </ActionDialog>
  );
}
