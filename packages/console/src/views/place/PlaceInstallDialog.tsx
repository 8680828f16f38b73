import { useServices } from '../../app/services.ts';
import { installPlugin } from '../../generated/operations.ts';
import { ActionDialog } from '../../ui/ActionDialog.tsx';
import { Labels } from '../../ui/Labels.tsx';
import type { Candidate } from './placementSource.ts';
import { type PlaceQuery, wishOf } from './placeQuery.ts';

interface PlaceInstallDialogProps {
  readonly query: PlaceQuery;
  /** The supervisor to pin it to; null for the best one. */
  readonly at: Candidate | null;
  readonly onClose: () => void;
}

/** Installs a plugin as it was explained. */
export function PlaceInstallDialog({ query, at, onClose }: PlaceInstallDialogProps) {
  const { navigation } = useServices();
  const wish = wishOf(query);
  return (
    <ActionDialog
      title={at ? `Install ${wish.pluginId} on ${at.name}` : `Install ${wish.pluginId}`}
      verb="Install"
      document={installPlugin}
      variables={{ input: { ...wish, ...(at && { supervisorId: at.supervisorId }) } }}
      done={({ installPlugin: answer }) =>
        answer?.changed
          ? `${wish.pluginId} is on its way to ${answer.plugin.supervisorName}.`
          : `${wish.pluginId} was there already.`
      }
      onDone={({ installPlugin: answer }) => answer && navigation.go(`/plugins/${answer.plugin.id}`)}
      onClose={onClose}
    >
      <p class="object-line">
        <strong>{wish.pluginId}</strong> <span class="mono">{wish.version}</span>{' '}
        {wish.labels && <Labels labels={wish.labels} />}
      </p>
      <p>
        {at
          ? 'Its agent fetches the plugin with its next report, and starts it. It stays pinned to this supervisor: no drain moves it.'
          : 'The server chooses the best supervisor as of then, by the order that is shown. A drain, or the loss of the supervisor, moves it to another.'}
      </p>
    </ActionDialog>
  );
}
