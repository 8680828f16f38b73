import type { BlockedHostname } from '@muster/db';
import { z } from 'zod';
import type { DomainInput } from '../access/domainInput.ts';
import { domainFor, scopeFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import { type DomainError, forbidden, notFound } from '../base/errors.ts';
import { fieldsFromRow, type JsonRow } from '../base/rows.ts';
import type { Unchecked } from '../base/unchecked.ts';
import { describe, parse, perLimits, text } from '../base/validate.ts';
import { type Core, internalsOf } from '../core.ts';
import { everything } from '../query/condition.ts';
import type { PageArguments } from '../query/keyset.ts';
import { listPage, type Page } from '../query/page.ts';
import { deleteBlock } from './sql/deleteBlock.ts';
import { insertBlock } from './sql/insertBlock.ts';

/** The hostname to block. */
export type BlockHostnameInput = DomainInput & z.input<ReturnType<typeof blockSchema>>;
/** The hostname to unblock. */
export type UnblockHostnameInput = Omit<BlockHostnameInput, 'note'>;

const blockSchema = perLimits((limits) =>
  z.object({
    hostname: text(limits.nameLength),
    /** Why, in words for people. Default: no words. */
    note: text(limits.nameLength).nullish(),
  }),
);

/**
 * S5: blocks a hostname, which may neither publish nor fetch its list until it is unblocked. It need not be known. A
 * hostname that is blocked already stays as it is.
 */
export async function blockHostname(
  core: Core,
  viewer: Viewer,
  input: Unchecked<BlockHostnameInput>,
): Promise<BlockedHostname> {
  const domainId = domainFor(viewer, 'operate', input.domainId);
  const { hostname, note } = parse(blockSchema(core.settings.limits), input);
  const { sql } = internalsOf(core).db;
  return blockFromRow(await insertBlock(sql, { domainId, hostname, note: note ?? null, actor: viewer.subject }));
}

/**
 * S5: ends the block of a hostname; returns the block that ended.
 *
 * @throws DomainError NOT_FOUND where the hostname is not blocked
 */
export async function unblockHostname(
  core: Core,
  viewer: Viewer,
  input: Unchecked<UnblockHostnameInput>,
): Promise<BlockedHostname> {
  const domainId = domainFor(viewer, 'operate', input.domainId);
  const { hostname } = parse(blockSchema(core.settings.limits), { hostname: input.hostname });
  const row = await deleteBlock(internalsOf(core).db.sql, { domainId, hostname, actor: viewer.subject });
  if (!row) throw notFound('blocked hostname', describe(hostname));
  return blockFromRow(row);
}

/** A page of the blocked hostnames, by domain and hostname. */
export function listBlockedHostnames(
  core: Core,
  viewer: Viewer,
  input: DomainInput & PageArguments,
): Promise<Page<BlockedHostname>> {
  return listPage({
    db: internalsOf(core).db,
    limits: core.settings.limits,
    entity: 'blockedHostname',
    scope: scopeFor(viewer, 'operate', input.domainId),
    where: everything,
    orderBy: [{ field: 'domainId', direction: 'ASC' }],
    page: input,
    model: blockFromRow,
  });
}

/** S5: the refusal of a publish or a fetch by a blocked hostname. */
export function refuseBlocked(viewer: Viewer, hostname: string): DomainError {
  return forbidden(
    viewer,
    `hostname ${hostname} is blocked; expected one that is not, or that an operator unblocks it`,
  );
}

function blockFromRow(row: JsonRow): BlockedHostname {
  return fieldsFromRow(row) as BlockedHostname;
}
