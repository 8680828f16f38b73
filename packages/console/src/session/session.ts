import { type ReadonlySignal, signal } from '@preact/signals';
import type { ViewerQuery } from '../generated/operations.ts';

/** Whose page it is. */
type Viewer = Omit<NonNullable<ViewerQuery['viewer']>, 'cursor' | 'conditions'>;

type SessionState =
  /** The server is being asked who this is. */
  | { readonly kind: 'asking' }
  /** The server wants a credential, or another one: `refusal` says why. */
  | { readonly kind: 'signed-out'; readonly refusal: string | null }
  | {
      readonly kind: 'signed-in';
      readonly viewer: Viewer /** Whether no credential was needed. */;
      readonly isOpen: boolean;
    };

/** The credential of the page, and whose it is. */
export interface Session {
  readonly state: ReadonlySignal<SessionState>;
  /** The value of the header Authorization, which WebSockets send as `connectionParams.authorization`. */
  authorization(): string | undefined;
  /** Takes a credential. @param remembers whether it outlives the browser's tab */
  use(token: string, remembers: boolean): void;
  signOut(): void;
  /** The server let this viewer in. */
  admitted(viewer: Viewer): void;
  /** The server wants another credential. */
  refused(why: string): void;
}

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const key = 'muster:token';

/**
 * Opens the session with the credential that was kept, if one was. It is never part of a URL, and no cookie.
 *
 * @param tab lasts as long as the browser's tab
 * @param device lasts longer
 */
export function openSession(tab: Store, device: Store): Session {
  const state = signal<SessionState>({ kind: 'asking' });
  let token = tab.getItem(key) ?? device.getItem(key) ?? '';

  function forget(): void {
    token = '';
    tab.removeItem(key);
    device.removeItem(key);
  }

  return {
    state,
    authorization: () => {
      if (token === '') return undefined;
      return /^bearer /i.test(token) ? token : `Bearer ${token}`;
    },
    use: (given, remembers) => {
      forget();
      token = given.trim();
      (remembers ? device : tab).setItem(key, token);
      state.value = { kind: 'asking' };
    },
    signOut: () => {
      forget();
      state.value = { kind: 'signed-out', refusal: null };
    },
    admitted: ({ subject, role, domainId }) => {
      state.value = { kind: 'signed-in', viewer: { subject, role, domainId }, isOpen: token === '' };
    },
    refused: (why) => {
      const hadOne = token !== '';
      forget();
      state.value = { kind: 'signed-out', refusal: hadOne ? why : null };
    },
  };
}
