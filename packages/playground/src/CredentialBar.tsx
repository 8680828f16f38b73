import { type FormEvent, useRef, useSyncExternalStore } from 'react';
import type { Credential } from './credential.ts';

interface CredentialBarProps {
  readonly credential: Credential;
  /** The server's start page. */
  readonly home: URL;
}

/** The one place for a credential, above all tabs. */
export function CredentialBar({ credential, home }: CredentialBarProps) {
  const { text, refusal } = useSyncExternalStore(credential.subscribe, credential.get);
  const field = useRef<HTMLInputElement>(null);
  const use = (event: FormEvent) => {
    event.preventDefault();
    credential.set(field.current?.value ?? '');
  };
  return (
    <header className="bar">
      <a href={home.href}>Muster</a>
      <form onSubmit={use}>
        <label htmlFor="credential">API key or JWT</label>
        <input
          id="credential"
          ref={field}
          type="password"
          autoComplete="off"
          defaultValue={text}
          placeholder="for all tabs, and for live events"
          aria-describedby={refusal === null ? undefined : 'refusal'}
          onBlur={() => credential.set(field.current?.value ?? '')}
        />
        <button type="submit">Use</button>
      </form>
      {refusal !== null && (
        <p id="refusal" role="alert">
          The server asks for a credential (UNAUTHENTICATED: {refusal}). Put an API key or a JWT into the field above;
          it is forgotten with this browser tab. <code>muster keys create</code> makes a key.
        </p>
      )}
    </header>
  );
}
