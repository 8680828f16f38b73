import { useServices } from '../../app/services.ts';
import type { RolloutRowFragment } from '../../generated/operations.ts';
import { useMayOperate } from '../../session/useRole.ts';
import { Button } from '../../ui/Button.tsx';
import { RolloutDialog } from './RolloutDialog.tsx';
import { rolloutCommands } from './rolloutCommands.ts';

/** The commands that the rollout's state and the viewer's role allow (K15). */
export function RolloutActions({ row }: { readonly row: RolloutRowFragment }) {
  const { dialogs } = useServices();
  if (!useMayOperate()) return null;
  const offered = rolloutCommands.filter(({ states }) => states.includes(row.state));
  return (
    <>
      {offered.map((command, index) => (
        <Button
          key={command.verb}
          kind={index === 0 && !command.ends && row.endedAt === null ? 'primary' : 'plain'}
          icon={command.icon}
          onClick={() => dialogs.show((close) => <RolloutDialog command={command} row={row} onClose={close} />)}
        >
          {command.verb}
        </Button>
      ))}
    </>
  );
}
