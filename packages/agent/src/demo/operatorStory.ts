import type { SupervisorState } from '@muster/client';
import { type ListedPlugin, type PluginIdentity, pluginKey } from '../contract.ts';
import type { Incident } from './script.ts';

/** A supervisor as its operator reads it from the API. */
export interface SupervisorView {
  readonly id: string;
  readonly name: string;
  readonly hostname: string;
  readonly state: SupervisorState;
  readonly lastSeenAt: string | null;
  readonly plugins: readonly ListedPlugin[];
}

/** A command that an operator gives for a supervisor, or for a plugin on it. */
export type Command = { readonly supervisor: SupervisorView } & (
  | { readonly kind: 'register' | 'disable' | 'enable' | 'deregister' }
  | { readonly kind: 'recover'; readonly plugin: PluginIdentity }
);

/** The operator's memory from one look to the next, by supervisor id. */
export type Memory = ReadonlyMap<string, Sighting>;

interface Sighting {
  readonly view: SupervisorView;
  /** Number of earlier looks in a row that found the same state. */
  readonly looksInState: number;
  /** Number of looks in a row without a publish since the look before. */
  readonly silentLooks: number;
}

/** Silent looks until a supervisor is deregistered: a live supervisor publishes between two looks. */
const givenUpAfterLooks = 4;
const maintainedForLooks = 3;

/**
 * Decides an operator's commands: none at first sight of a state, so that a viewer of the demo sees the state too. A
 * supervisor gets at most one command a look, apart from recoveries, which each of its plugins can need.
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

/** Updates the memory of one supervisor. Clocks may differ, so only a change of `lastSeenAt` counts as a publish. */
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
    case 'NONE':
      return [];
  }
}

function stillFailing(supervisor: SupervisorView, before: Sighting | undefined): ListedPlugin[] {
  const failedBefore = new Set(
    before?.view.plugins.filter((plugin) => plugin.state === 'ERROR').map((plugin) => pluginKey(plugin)),
  );
  return supervisor.plugins.filter((plugin) => plugin.state === 'ERROR' && failedBefore.has(pluginKey(plugin)));
}

/** Summarizes a domain in one line, such as `3 ENABLED, 1 PENDING; plugins: 11 ACTIVE, 1 ERROR`. */
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
