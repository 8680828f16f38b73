import type { Services } from '../../app/services.ts';
import { TokenDialog } from './TokenDialog.tsx';

/**
 * Shows the token of a key that was just made. The first key closes an open server: then this page signs in with it first,
 * since it would be sent to the sign-in, and the token lost, otherwise (A5).
 */
export function showToken({ dialogs, session }: Services, name: string, token: string, closesServer: boolean): void {
  const show = () =>
    dialogs.show((close) => <TokenDialog name={name} token={token} isUsedHere={closesServer} onClose={close} />);
  if (!closesServer) {
    show();
    return;
  }
  session.use(token, false);
  const stop = session.state.subscribe((state) => {
    if (state.kind !== 'signed-in') return;
    queueMicrotask(() => stop());
    show();
  });
}
