import type { Random } from '@muster/core/testing';

/** A subscription that GraphQL finds valid, though a page in it may be refused. */
export interface RandomSubscription {
  /** The field that it subscribes to. */
  readonly field: string;
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

const scalars: Record<string, string[]> = {
  Supervisor: [
    'id',
    'domainId',
    'name',
    'hostname',
    'state',
    'isPublic',
    'priority',
    'labels',
    'tags',
    'connected',
    'lastSeenAt',
    'createdAt',
    'updatedAt',
    'registeredAt',
  ],
  Plugin: [
    'id',
    'domainId',
    'pluginId',
    'version',
    'state',
    'endpoint',
    'endpoints',
    'managed',
    'supervisorId',
    'supervisorName',
    'reason',
    'message',
    'generation',
    'observedGeneration',
    'stateChangedAt',
    'updatedAt',
  ],
  PluginStateChange: ['cursor', 'at', 'from', 'to', 'reason', 'actor'],
  SupervisorStateChange: ['cursor', 'at', 'from', 'to', 'reason', 'actor'],
  PluginWatchEvent: ['type', 'cursor', 'pluginInstanceId'],
  SupervisorWatchEvent: ['type', 'cursor', 'supervisorId'],
};
const nested: Record<string, [field: string, type: string]> = {
  Plugin: ['supervisor', 'Supervisor'],
  PluginStateChange: ['plugin', 'Plugin'],
  SupervisorStateChange: ['supervisor', 'Supervisor'],
  PluginWatchEvent: ['plugin', 'Plugin'],
  SupervisorWatchEvent: ['supervisor', 'Supervisor'],
};
const roots: [field: string, type: string][] = [
  ['pluginStateChanged', 'PluginStateChange'],
  ['supervisorStateChanged', 'SupervisorStateChange'],
  ['watchPlugins', 'PluginWatchEvent'],
  ['watchSupervisors', 'SupervisorWatchEvent'],
];

/**
 * Any valid subscription to all that happens in the domain `wire`, with every means of selection that GraphQL has.
 *
 * @param after the cursor after which watches resume
 */
export function randomSubscription(random: Random, after: string): RandomSubscription {
  const fragments: string[] = [];
  let fields = 0;
  // Which of two errors comes first is nobody's promise, so there is one at most.
  let mayFail = random.below(2) === 0;
  const chance = (oneIn: number) => random.below(oneIn) === 0;
  const directive = () =>
    random.one(['', '', '', ' @include(if: $yes)', ' @skip(if: $no)', ' @include(if: $no)', ' @skip(if: $yes)']);
  const alias = () => (chance(3) ? `x${fields++}: ` : '');

  function connection(depth: number): string {
    const failing = mayFail && chance(2);
    mayFail &&= !failing;
    const page = random.one([
      '',
      '(first: 1)',
      '(first: $first)',
      '(last: 2, orderBy: [{field: ID, direction: DESC}])',
    ]);
    const part = random.one<() => string>([
      () => 'totalCount',
      () => 'pageInfo { hasNextPage hasPreviousPage endCursor }',
      () => `nodes ${selection('Plugin', depth - 1)}`,
      () => `edges { cursor node ${selection('Plugin', depth - 1)} }`,
    ]);
    return `x${fields++}: plugins${failing ? '(first: -1)' : page} { __typename x${fields++}: ${part()} }`;
  }

  function spread(type: string, depth: number): string {
    const shape = random.below(3);
    if (shape === 0) return `... on ${type}${directive()} ${selection(type, depth)}`;
    if (shape === 1) return `...${directive()} ${selection(type, depth)}`;
    const place = fragments.push('') - 1;
    fragments[place] = `fragment F${place} on ${type} ${selection(type, depth)}`;
    return `...F${place}${directive()}`;
  }

  function selection(type: string, depth: number): string {
    const parts = random.some(scalars[type] ?? []).map((name) => `${alias()}${name}${directive()}`);
    parts.push(`${alias()}__typename`);
    if (depth > 0) {
      const inner = nested[type];
      if (inner) parts.push(`x${fields++}: ${inner[0]}${directive()} ${selection(inner[1], depth - 1)}`);
      if (type === 'Supervisor' && chance(2)) parts.push(connection(depth));
      while (chance(3)) parts.push(spread(type, depth - 1));
    }
    return `{ ${parts.sort(() => random.below(3) - 1).join(' ')} }`;
  }

  const [field, type] = random.one(roots);
  const place = field.startsWith('watch') ? '' : random.one([', after: $after', `, after: "${after}"`]);
  const domain = random.one(['domainId: "wire"', 'domainId: $domain']);
  const operation = `{ ${alias()}${field}(${domain}${place}) ${selection(type, 3)} }`;
  const text = [operation, ...fragments].join(' ');
  const known: [name: string, type: string, value: unknown][] = [
    ['yes', 'Boolean!', true],
    ['no', 'Boolean = false', undefined],
    ['first', 'Int', 2],
    ['after', 'Cursor', after],
    ['domain', 'ID!', 'wire'],
  ];
  const used = known.filter(([name]) => text.includes(`$${name}`));
  const declared = used.map(([name, of]) => `$${name}: ${of}`).join(', ');
  return {
    field,
    query: `subscription${chance(2) ? ' S' : ''}${declared && ` (${declared})`} ${text}`,
    variables: Object.fromEntries(
      used.filter(([, , value]) => value !== undefined).map(([name, , value]) => [name, value]),
    ),
  };
}
