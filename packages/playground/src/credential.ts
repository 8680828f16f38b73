/** The credential of all tabs and live events, and the server's word on it. */
interface CredentialState {
  /** The text in the field; empty for none. */
  readonly text: string;
  /** The message with which the server last asked for another one. */
  readonly refusal: string | null;
}

/** Holds the credential for as long as the browser's tab is open. */
export interface Credential {
  get(): CredentialState;
  subscribe(onChange: () => void): () => void;
  set(text: string): void;
  refused(message: string): void;
  accepted(): void;
  /** The value of the header Authorization, which WebSockets send as `connectionParams.authorization`. */
  authorization(): string | undefined;
}

const key = 'muster:credential';

/** Opens the credential that is kept in a storage. */
export function openCredential(storage: Pick<Storage, 'getItem' | 'setItem'>): Credential {
  const listeners = new Set<() => void>();
  let state: CredentialState = { text: storage.getItem(key) ?? '', refusal: null };
  const become = (next: CredentialState) => {
    if (next.text === state.text && next.refusal === state.refusal) return;
    state = next;
    for (const listener of listeners) listener();
  };
  return {
    get: () => state,
    subscribe: (onChange) => {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
    set: (given) => {
      const text = given.trim();
      if (text === state.text) return;
      storage.setItem(key, text);
      become({ text, refusal: null });
    },
    refused: (refusal) => become({ ...state, refusal }),
    accepted: () => become({ ...state, refusal: null }),
    authorization: () => {
      if (state.text === '') return undefined;
      return /^bearer /i.test(state.text) ? state.text : `Bearer ${state.text}`;
    },
  };
}
