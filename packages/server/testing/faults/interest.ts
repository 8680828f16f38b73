import type { LoggedEvent, Row } from './truth.ts';

/** A subscription, and, computed in another way, the answer that it must get to an event. */
export interface Interest {
  readonly name: string;
  /** The subscription, whose field has the alias `item`. */
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly isWatch: boolean;
  /** The expected answer to an event; null for none. */
  expected(event: LoggedEvent): string | null;
}

export const pluginFields = 'id state message generation version';

const arguments_ = 'after: $after, domainId: $domainId, filter: $filter';
const parameters = (filter: string) => `$after: Cursor, $domainId: ID, $filter: ${filter}`;
/** `deep` asks for what isn't in the event, and is looked up for each. */
const pluginStates = (deep: boolean) => `subscription (${parameters('PluginEventFilter')}) {
  item: pluginStateChanged(${arguments_}) { cursor from to plugin { id ${deep ? 'supervisor { id name }' : ''} } }
}`;
const supervisorStates = `subscription (${parameters('SupervisorEventFilter')}) {
  item: supervisorStateChanged(${arguments_}) { cursor from to supervisor { id } }
}`;
const pluginWatch = `subscription (${parameters('PluginFilter')}) {
  item: watchPlugins(${arguments_}) { type cursor pluginInstanceId plugin { ${pluginFields} } }
}`;

type Meets = (row: Row, event: LoggedEvent) => boolean;

function states(
  name: string,
  entity: LoggedEvent['entity'],
  query: string,
  variables: Interest['variables'],
  meets: Meets,
): Interest {
  return {
    name,
    query,
    variables,
    isWatch: false,
    expected: (event) =>
      event.entity === entity && event.from !== null && meets(event.row, event)
        ? `${event.id} ${event.from}>${event.to}`
        : null,
  };
}

function watch(name: string, variables: Interest['variables'], meets: Meets): Interest {
  return {
    name,
    query: pluginWatch,
    variables,
    isWatch: true,
    expected: (event) => {
      if (event.entity !== 'plugin') return null;
      const before = event.before !== null && meets(event.before, event);
      const after = !event.kind.endsWith('_DELETED') && meets(event.row, event);
      if (!before && !after) return null;
      const type = !after ? 'REMOVED' : before ? 'MODIFIED' : 'ADDED';
      return `${type} ${event.id}`;
    },
  };
}

/** Repeats every kind of subscription up to `count` in all; each accepts the sentinel (writer.ts). */
export function interests(domains: readonly string[], pluginIds: readonly string[], count: number): Interest[] {
  const everything: Meets = () => true;
  const unwell = ['ERROR', 'RE_PROVISIONING'];
  const kinds: Interest[] = [
    states('all plugins', 'plugin', pluginStates(false), {}, everything),
    states('all plugins and their supervisors', 'plugin', pluginStates(true), {}, everything),
    states('all supervisors', 'supervisor', supervisorStates, {}, everything),
    states(
      'plugins that go to ERROR',
      'plugin',
      pluginStates(false),
      { filter: { to: { eq: 'ERROR' } } },
      (_row, { to }) => to === 'ERROR',
    ),
    watch('a watch of all plugins', {}, everything),
    watch('a watch of unwell plugins', { filter: { state: { in: unwell } } }, ({ state }) =>
      unwell.includes(String(state)),
    ),
    ...domains.flatMap((domainId) => [
      states(
        `the plugins of ${domainId}`,
        'plugin',
        pluginStates(true),
        { domainId },
        (row) => row.domain_id === domainId,
      ),
      states(
        `the supervisors of ${domainId}`,
        'supervisor',
        supervisorStates,
        { domainId },
        (row) => row.domain_id === domainId,
      ),
      watch(
        `a watch of what is in ERROR in ${domainId}`,
        { domainId, filter: { state: { eq: 'ERROR' } } },
        (row) => row.domain_id === domainId && row.state === 'ERROR',
      ),
    ]),
    ...pluginIds.map((pluginId) =>
      states(
        `the plugin ${pluginId}`,
        'plugin',
        pluginStates(false),
        { filter: { pluginId: { eq: pluginId } } },
        (row) => row.plugin_id === pluginId,
      ),
    ),
  ];
  return Array.from({ length: count }, (_, index) => kinds[index % kinds.length]).filter((kind) => kind !== undefined);
}
