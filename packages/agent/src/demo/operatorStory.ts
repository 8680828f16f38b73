import { type ListedPlugin, type PluginIdentity, pluginKey, type SupervisorState } from '../contract.ts';
import type { Incident } from './script.ts';

/** A supervisor as its operator sees it through the API. */
export interface SupervisorView {
  readonly id: string;
  readonly name: string;
  readonly hostname: string;
  readonly state: SupervisorState;
  readonly lastSeenAt: string | null;
  readonly plugins: readonly ListedPlugin[];
}

export type Command = { readonly supervisor: SupervisorView } & (
  | { readonly kind: 'register' | 'disable' | 'enable' | 'deregister' }
  | { readonly kind: 'recover'; readonly plugin: PluginIdentity }
);

/** What the operator remembers of each supervisor, by id, from one look to the next. */
export type Memory = ReadonlyMap<string, Sighting>;

interface Sighting {
  readonly view: SupervisorView;
  /** Looks in a row that found it in this state, this one not counted. */
  readonly looksInState: number;
  /** Looks in a row in which it had not been seen since the look before. */
  readonly silentLooks: number;
}

/** Each living supervisor publishes between two looks, so this many is no hiccup. */
const givenUpAfterLooks = 4;
const maintainedForLooks = 3;

/**
 * What an operator does about what it sees: nothing at first sight, so that those who watch see it too. Each
 * supervisor gets one command a look, but for recoveries, which each of its plugins can need.
 */
export function decide(
  memory: Memory,
  views: readonly SupervisorView[],
  incident: Incident | null,
): { memory: Memory; commands: Command[] } {
  const sightings = views.map((view) => sight(memory.get(view.id), view));
  return {
    memory: new Map(sightings.map((sighting) => [sighting.view.id, sighting])),
    commands: sightings.flatMap((sighting) => respond(sighting, memory.get(sighting.view.id), incident)),
  };
}

/** The clocks here and at the server may differ, so only whether `lastSeenAt` moves counts. */
function sight(before: Sighting | undefined, view: SupervisorView): Sighting {
  return {
    view,
    looksInState: before?.view.state === view.state ? before.looksInState + 1 : 0,
    silentLooks: before?.view.lastSeenAt === view.lastSeenAt ? (before?.silentLooks ?? -1) + 1 : 0,
  };
}

function respond(sighting: Sighting, before: Sighting | undefined, incident: Incident | null): Command[] {
  const { view: supervisor, looksInState, silentLooks } = sighting;
  if (silentLooks >= givenUpAfterLooks) return [{ kind: 'deregister', supervisor }];
  switch (supervisor.state) {
    case 'PENDING':
      return looksInState > 0 ? [{ kind: 'register', supervisor }] : [];
    case 'DISABLED':
      return looksInState >= maintainedForLooks ? [{ kind: 'enable', supervisor }] : [];
    case 'ENABLED':
      if (incident?.kind === 'maintain' && incident.hostname === supervisor.hostname) {
        return [{ kind: 'disable', supervisor }];
      }
      return stillFailing(supervisor, before).map((plugin) => ({ kind: 'recover', supervisor, plugin }));
    case 'DISCONNECTED':
      return [];
  }
}

function stillFailing(supervisor: SupervisorView, before: Sighting | undefined): ListedPlugin[] {
  const failedBefore = new Set(
    before?.view.plugins.filter((plugin) => plugin.state === 'ERROR').map((plugin) => pluginKey(plugin)),
  );
  return supervisor.plugins.filter((plugin) => plugin.state === 'ERROR' && failedBefore.has(pluginKey(plugin)));
}

/** The domain in one line, as `3 ENABLED, 1 PENDING; plugins: 11 ACTIVE, 1 ERROR`. */
export function summarize(views: readonly SupervisorView[]): string {
  const supervisors = countStates(views);
  const plugins = countStates(views.flatMap((view) => view.plugins));
  return `${supervisors || 'nobody yet'}${plugins && `; plugins: ${plugins}`}`;
}

function countStates(items: readonly { readonly state: string }[]): string {
  const groups = Map.groupBy(items, (item) => item.state);
  return [...groups.keys()]
    .sort()
    .map((state) => `${groups.get(state)?.length} ${state}`)
    .join(', ');
}
