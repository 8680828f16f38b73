import { CircleAlert, type IconNode, Inbox } from 'lucide';
import type { ComponentChildren } from 'preact';
import type { RequestError } from '../data/requestError.ts';
import { adviceFor } from './advice.ts';
import { Button } from './Button.tsx';
import { Icon } from './Icon.tsx';
import { Message } from './Message.tsx';

interface EmptyProps {
  readonly title: string;
  readonly icon?: IconNode;
  /** What to do about it. */
  readonly children?: ComponentChildren;
}

/** Says that there is nothing, and what to do about it (K3). */
export function Empty({ title, icon = Inbox, children }: EmptyProps) {
  return (
    <div class="feedback" data-kind="empty">
      <Icon of={icon} size={28} />
      <p class="feedback-title">{title}</p>
      {children && <div class="feedback-text">{children}</div>}
    </div>
  );
}

/** Says that something could not be read, why, and tries again (K3). */
export function Failure({ error, onRetry }: { readonly error: RequestError; readonly onRetry?: () => void }) {
  return (
    <div class="feedback" data-kind="error" role="alert">
      <Icon of={CircleAlert} size={28} />
      <p class="feedback-title">{adviceFor(error.code).title}</p>
      <div class="feedback-text">
        <p>{adviceFor(error.code).advice}</p>
        <ErrorLine error={error} />
      </div>
      {onRetry && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}

/** The code and message of an error, as the server gave them. */
export function ErrorLine({ error: { code, message } }: { readonly error: RequestError }) {
  return (
    <p class="error-line">
      <code>{code}</code> <Message text={message} />
    </p>
  );
}

/** Says that something is being read (K3): lines where text will be. */
export function Loading({ lines = 6 }: { readonly lines?: number }) {
  return (
    <div class="loading" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} class="skeleton" />
      ))}
    </div>
  );
}
