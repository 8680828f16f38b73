import { useServices } from '../app/services.ts';

/** Whether the viewer may change anything: what the role may not do is not offered (K15). */
export function useMayOperate(): boolean {
  const state = useServices().session.state.value;
  return state.kind === 'signed-in' && (state.viewer.role === 'OPERATOR' || state.viewer.role === 'ADMIN');
}

/** Whether the viewer is an ADMIN, of all domains or of one. */
export function useIsAdmin(): boolean {
  const state = useServices().session.state.value;
  return state.kind === 'signed-in' && state.viewer.role === 'ADMIN';
}

/** Whether the viewer sees all domains. */
export function useIsOfAllDomains(): boolean {
  const state = useServices().session.state.value;
  return state.kind === 'signed-in' && state.viewer.domainId === null;
}
