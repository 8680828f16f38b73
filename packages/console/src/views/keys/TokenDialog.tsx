import { Button } from '../../ui/Button.tsx';
import { Copy } from '../../ui/Copy.tsx';
import { Dialog } from '../../ui/Dialog.tsx';

interface TokenDialogProps {
  /** Whose token it is. */
  readonly name: string;
  readonly token: string;
  /** Whether this page signed in with it. */
  readonly isUsedHere: boolean;
  readonly onClose: () => void;
}

/** Shows a token: the only time that anybody sees it. */
export function TokenDialog({ name, token, isUsedHere, onClose }: TokenDialogProps) {
  return (
    <Dialog title={`The token of ${name}`} onClose={onClose}>
      <div class="dialog-body">
        <div class="callout" data-tone="warn">
          <p>
            <strong>Copy it now.</strong> It is shown this once: the server keeps a hash of it and no more.
          </p>
        </div>
        {isUsedHere && (
          <p>The server asks everybody for a credential from now on. This tab is signed in with this one.</p>
        )}
        <p class="token">
          <code>{token}</code>
          <Copy text={token} what="the token" />
        </p>
        <p>
          Clients send it as <code>Authorization: Bearer …</code>
        </p>
      </div>
      <footer>
        <span class="space" />
        <Button kind="primary" onClick={onClose}>
          I have copied it
        </Button>
      </footer>
    </Dialog>
  );
}
