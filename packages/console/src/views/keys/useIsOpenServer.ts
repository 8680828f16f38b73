import { useServices } from '../../app/services.ts';

/** Whether the server asks for no credentials yet (A5). */
export function useIsOpenServer(): boolean {
  const state = useServices().session.state.value;
  return state.kind === 'signed-in' && state.isOpen;
}
