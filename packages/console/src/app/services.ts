import { effect, type Signal, signal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { type Client, createClient } from '../data/client.ts';
import { createEntities, type Entities } from '../data/entities.ts';
import { type LiveSocket, openLiveSocket } from '../data/liveSocket.ts';
import { createNames, type Names } from '../data/names.ts';
import { viewer } from '../generated/operations.ts';
import { openSession, type Session } from '../session/session.ts';
import { type Navigation, openNavigation } from '../url/navigation.ts';
import { type Clock, openClock } from './clock.ts';
import { createDialogs, type Dialogs } from './dialogs.ts';
import { openPreferences, type Preferences } from './preferences.ts';
import { createToasts, type Toasts } from './toasts.ts';

/** The parts that every view may use; there is one of each on the page. */
export interface Services {
  /** Where the server's pages lie, with a slash at the end. */
  readonly server: URL;
  /** Which environment this is, in the operator's words; empty for none. */
  readonly label: string;
  readonly session: Session;
  readonly navigation: Navigation;
  readonly client: Client;
  readonly entities: Entities;
  readonly names: Names;
  readonly socket: LiveSocket;
  readonly clock: Clock;
  readonly preferences: Preferences;
  readonly toasts: Toasts;
  readonly dialogs: Dialogs;
  /** Moves when the server has made a change that somebody asked for on this page. */
  readonly ownChanges: Signal<number>;
  /** Asks the server whose page this is. */
  askViewer(): Promise<void>;
}

/** Opens all services. @param base where the console lies, with a slash at its end */
export function openServices(base: URL): Services {
  const server = new URL('..', base);
  const url = new URL('graphql', server);
  const session = openSession(sessionStorage, localStorage);
  const preferences = openPreferences(localStorage);
  const entities = createEntities();
  const { authorization } = session;
  const onUnauthenticated = (error: { message: string }) => session.refused(error.message);
  const client = createClient({ url, entities, authorization, onUnauthenticated });
  const socket = openLiveSocket({ url, authorization, onUnauthenticated });
  effect(() => {
    document.documentElement.dataset.theme = preferences.theme.value;
  });
  effect(() => {
    if (session.state.value.kind === 'signed-in') return;
    // Nothing of one viewer is left for the next.
    entities.clear();
    socket.reconnect();
  });
  return {
    server,
    label: document.querySelector<HTMLMetaElement>('meta[name=muster-label]')?.content ?? '',
    session,
    navigation: openNavigation(base),
    client,
    entities,
    names: createNames(client),
    socket,
    clock: openClock(),
    preferences,
    toasts: createToasts(),
    dialogs: createDialogs(),
    ownChanges: signal(0),
    askViewer: async () => {
      const { viewer: who } = await client.request(viewer, {});
      if (who) session.admitted(who);
    },
  };
}

const ServicesContext = createContext<Services | null>(null);

export const ServicesProvider = ServicesContext.Provider;

/** The services of the page. */
export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (services === null) throw new Error('expected a view within the services; found none');
  return services;
}
