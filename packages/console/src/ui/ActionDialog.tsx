import type { ComponentChildren, TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';
import { useServices } from '../app/services.ts';
import type { Document } from '../data/document.ts';
import { asRequestError, type RequestError } from '../data/requestError.ts';
import { adviceFor } from './advice.ts';
import { Button } from './Button.tsx';
import { Copy } from './Copy.tsx';
import { Dialog } from './Dialog.tsx';
import { ErrorLine } from './Feedback.tsx';
import { Field } from './Field.tsx';
import { graphqlText } from './graphqlText.ts';

interface ActionDialogProps<Result, Variables extends { readonly input: object }> {
  readonly title: string;
  /** The verb on the button: `Disable`. */
  readonly verb: string;
  readonly isDangerous?: boolean;
  readonly isWide?: boolean;
  /** Must be typed before something ends (K13). */
  readonly typed?: string;
  readonly document: Document<Result, Variables>;
  /** The variables, as they are when the button is pressed. */
  readonly variables: Variables;
  /** Why it can't be sent yet; null where it can. */
  readonly problem?: string | null;
  /** The words after success. */
  readonly done: (result: Result) => string;
  readonly onDone?: (result: Result) => void;
  readonly onClose: () => void;
  /** Object, state and consequence, and fields if there are any. */
  readonly children: ComponentChildren;
}

/**
 * Asks before a mutation is sent (K13): the button waits for the answer, and an error stays in the dialog, with what to do
 * about it (K14).
 */
export function ActionDialog<Result, Variables extends { readonly input: object }>({
  title,
  verb,
  isDangerous = false,
  isWide = false,
  typed,
  document,
  variables,
  problem = null,
  done,
  onDone,
  onClose,
  children,
}: ActionDialogProps<Result, Variables>) {
  const { client, toasts, ownChanges } = useServices();
  const [confirmation, setConfirmation] = useState('');
  const [isSending, setSending] = useState(false);
  const [error, setError] = useState<RequestError | null>(null);
  const isConfirmed = typed === undefined || confirmation.trim() === typed;

  async function send(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    if (isSending || !isConfirmed || problem !== null) return;
    setSending(true);
    setError(null);
    try {
      const result = await client.request(document, variables);
      onClose();
      toasts.say(done(result), 'good');
      ownChanges.value++;
      onDone?.(result);
    } catch (thrown) {
      setError(asRequestError(thrown));
      setSending(false);
    }
  }

  return (
    <Dialog title={title} onClose={onClose} isWide={isWide}>
      <form onSubmit={send}>
        <div class="dialog-body">
          {children}
          {typed !== undefined && (
            <Field label={`Type ${typed} to confirm`}>
              {(ids) => (
                <input
                  {...ids}
                  autoComplete="off"
                  spellcheck={false}
                  value={confirmation}
                  onInput={(event) => setConfirmation(event.currentTarget.value)}
                />
              )}
            </Field>
          )}
          {error && <ActionError error={error} />}
        </div>
        <footer>
          <Copy text={graphqlText(document, variables)} what="as GraphQL" label="Copy as GraphQL" />
          <span class="space" />
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            kind={isDangerous ? 'danger' : 'primary'}
            disabled={isSending || !isConfirmed || problem !== null}
            title={problem ?? undefined}
          >
            {isSending ? 'Working…' : verb}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}

/** An error of an action, and what to do about it (K14). */
export function ActionError({ error }: { readonly error: RequestError }) {
  return (
    <div class="callout" data-tone="bad" role="alert">
      <p>
        <strong>{adviceFor(error.code).title}.</strong> {adviceFor(error.code).advice}
      </p>
      <ErrorLine error={error} />
    </div>
  );
}
