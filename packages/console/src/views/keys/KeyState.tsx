import { useServices } from '../../app/services.ts';
import type { KeyRowFragment } from '../../generated/operations.ts';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { keyLook } from './keyStates.ts';

/** Whether a key lets anybody in, as of now. */
export function KeyState({ row }: { readonly row: KeyRowFragment }) {
  const { clock } = useServices();
  return <StateBadge look={keyLook(row, clock.now.value)} />;
}
