import type { Deployment, Event, Plugin, Rollout, Supervisor } from '@muster/db';
import { can, type Scope, scopeFor } from './access/policy.ts';
import type { Viewer } from './access/viewer.ts';
import { type ApiKeyInfo, apiKeyFromRow } from './apiKey/apiKeyInfo.ts';
import { grantable } from './apiKey/apiKeys.ts';
import { badUserInput } from './base/errors.ts';
import { eventId, eventSeq, kindOfId, type NodeKind } from './base/ids.ts';
import {
  deploymentFromRow,
  eventFromRow,
  type JsonRow,
  pluginFromRow,
  rolloutFromRow,
  supervisorFromRow,
} from './base/rows.ts';
import { describe, isObject } from './base/validate.ts';
import { type Core, internalsOf } from './core.ts';
import { visibleKinds } from './event/read.ts';
import { readBoundedRows } from './query/boundedRows.ts';
import { compileCondition } from './query/compile.ts';
import { allOf, type Condition } from './query/condition.ts';
import { createParameters } from './query/context.ts';
import { type Entity, entities } from './query/fields.ts';
import { scopeSql } from './query/scopeSql.ts';
import { tableSql } from './query/tableSql.ts';
import { type ReleaseInfo, releaseFromRow } from './release/releaseInfo.ts';

/** A thing found by its id, with its kind. */
export type FoundNode =
  | { kind: 'Supervisor'; node: Supervisor }
  | { kind: 'Plugin'; node: Plugin }
  | { kind: 'Event'; node: Event }
  | { kind: 'Rollout'; node: Rollout }
  | { kind: 'Release'; node: ReleaseInfo }
  | { kind: 'Deployment'; node: Deployment }
  | { kind: 'ApiKey'; node: ApiKeyInfo };

/** How the things of a kind are read by their ids. */
interface NodeReader {
  readonly entity: Entity;
  /** Whether the viewer may see any of them. Default: true for all who may read. */
  readonly isFor?: (viewer: Viewer) => boolean;
  /** Whether public ones are found whatever the domain. Default: only those of the viewer's domain. */
  readonly includePublic?: true;
  /** The condition on those that the viewer may see. Default: all of its domain. */
  readonly visible?: (viewer: Viewer) => Condition | undefined;
  /** The value of the entity's unique field for an id. Default: the id. */
  readonly keyOf?: (id: string) => unknown;
  /** The id of a row. Default: its column `id`. */
  readonly idOf?: (row: JsonRow) => string;
  readonly found: (row: JsonRow) => FoundNode;
}

/** Each kind has the access rules of its list. */
const readers: Readonly<Record<NodeKind, NodeReader>> = {
  Supervisor: { entity: 'supervisor', found: (row) => ({ kind: 'Supervisor', node: supervisorFromRow(row) }) },
  Plugin: { entity: 'plugin', found: (row) => ({ kind: 'Plugin', node: pluginFromRow(row) }) },
  Event: {
    entity: 'event',
    visible: visibleKinds,
    keyOf: eventSeq,
    idOf: (row) => eventId(Number(row.seq)),
    found: (row) => ({ kind: 'Event', node: eventFromRow(row) }),
  },
  Rollout: { entity: 'rollout', found: (row) => ({ kind: 'Rollout', node: rolloutFromRow(row) }) },
  Release: {
    entity: 'release',
    includePublic: true,
    found: (row) => ({ kind: 'Release', node: releaseFromRow(row) }),
  },
  Deployment: { entity: 'deployment', found: (row) => ({ kind: 'Deployment', node: deploymentFromRow(row) }) },
  ApiKey: {
    entity: 'apiKey',
    isFor: (viewer) => can(viewer, 'operate'),
    visible: grantable,
    found: (row) => ({ kind: 'ApiKey', node: apiKeyFromRow(row) }),
  },
};

/**
 * The things with these ids, in their order; null for an id that names nothing the viewer may see (A3). At most one query
 * for each kind.
 *
 * @throws DomainError BAD_USER_INPUT for more ids than the limits allow
 */
export async function findNodes(core: Core, viewer: Viewer, ids: readonly string[]): Promise<(FoundNode | null)[]> {
  const { nodeIds } = core.settings.limits;
  if (ids.length > nodeIds) throw badUserInput(['ids'], `expected at most ${nodeIds} ids; got ${ids.length}`);
  return find(core, viewer, ids);
}

/**
 * As `findNodes`, for what a gateway asks of a subgraph (Apollo Federation): each thing by its type's name and its id. A
 * thing of another type is null.
 *
 * @throws DomainError BAD_USER_INPUT for more than the limits allow, or for one without a type or an id
 */
export async function findEntities(
  core: Core,
  viewer: Viewer,
  representations: readonly unknown[],
): Promise<(FoundNode | null)[]> {
  const { representations: most } = core.settings.limits;
  if (representations.length > most) {
    const { length } = representations;
    throw badUserInput(['representations'], `expected at most ${most} representations; got ${length}`);
  }
  const named = representations.map((representation, i) => {
    const { __typename: kind, id } = isObject(representation) ? representation : {};
    if (typeof kind !== 'string' || typeof id !== 'string') {
      throw badUserInput(
        ['representations', i],
        `expected an object with texts as __typename and id; got ${describe(representation)}`,
      );
    }
    return { kind, id };
  });
  const found = await find(
    core,
    viewer,
    named.map(({ id }) => id),
  );
  return found.map((node, i) => (node?.kind === named[i]?.kind ? node : null));
}

async function find(core: Core, viewer: Viewer, ids: readonly string[]): Promise<(FoundNode | null)[]> {
  const scope = scopeFor(viewer, 'read');
  const found = new Map<string, FoundNode>();
  for (const [kind, idsOfKind] of Map.groupBy(new Set(ids), kindOfId)) {
    if (kind === undefined) continue;
    const { idOf = (row: JsonRow) => String(row.id), found: foundIn } = readers[kind];
    for (const row of await readNodes({ core, viewer, scope }, readers[kind], idsOfKind))
      found.set(idOf(row), foundIn(row));
  }
  return ids.map((id) => found.get(id) ?? null);
}

/** The rows with these ids that the viewer may see. */
async function readNodes(
  { core, viewer, scope }: { readonly core: Core; readonly viewer: Viewer; readonly scope: Scope },
  { entity, isFor, includePublic, visible, keyOf }: NodeReader,
  ids: readonly string[],
): Promise<JsonRow[]> {
  if (isFor && !isFor(viewer)) return [];
  const parameters = createParameters();
  const context = { parameters, scope };
  const keys = parameters.add(keyOf ? ids.map(keyOf) : ids, entity === 'event' ? 'int8[]' : 'text[]');
  const text = `SELECT to_jsonb(t) - 'secret_hash' AS row FROM ${tableSql(context, entity, 't', { includePublic })}
    WHERE ${scopeSql(context, 't', { includePublic })} AND t."${entities[entity].tieBreaker}" = ANY(${keys})
      AND ${compileCondition(context, entity, allOf(visible?.(viewer)), 't')}`;
  const { db, settings } = internalsOf(core);
  const rows = await readBoundedRows<{ row: JsonRow }>({ db, limits: settings.limits }, parameters, {
    text,
    columns: [],
  });
  return rows.map(({ row }) => row);
}
