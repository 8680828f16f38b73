import { z } from 'zod';
import type { DomainInput } from '../access/domainInput.ts';
import { domainFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Unchecked } from '../base/unchecked.ts';
import { jsonObject, parse, perLimits, text } from '../base/validate.ts';
import { type Core, internalsOf } from '../core.ts';
import { type MadeApiKey, makeApiKey, requireFittingEnd } from './makeApiKey.ts';

/** The input of `createEnrollmentKey`. */
export type CreateEnrollmentKeyInput = DomainInput & z.input<ReturnType<typeof schemaOf>>;

/** One day. */
const defaultLifetimeMs = 86_400_000;

/** More newcomers at a time are no fleet that one key should bring in. */
const mostNewcomers = 100_000;

const schemaOf = perLimits((limits) =>
  z.object({
    name: text(limits.nameLength),
    /** How many newcomers the key brings in. */
    maxNewcomers: z.int().min(1).max(mostNewcomers),
    /** Until when. Default: one day from now, or when the key that makes it ends, if that is sooner. */
    expiresAt: z.date().nullish(),
    /** Labels that each newcomer gets, over those that it proposes. Default: none. */
    labels: jsonObject(limits).nullish(),
    /** Whether newcomers are registered at once. Default false: an operator registers each. */
    registers: z.boolean().nullish(),
    /** When the keys of the newcomers expire. Default: never, or when the key that makes this one ends. */
    keysExpireAt: z.date().nullish(),
  }),
);

/**
 * Makes a key that only brings newcomers in (A7): the first publish by it of a host that is not known is answered with
 * a key that is bound to that host.
 *
 * @throws DomainError as `createApiKey`
 */
export async function createEnrollmentKey(
  core: Core,
  viewer: Viewer,
  input: Unchecked<CreateEnrollmentKeyInput>,
): Promise<MadeApiKey> {
  const internals = internalsOf(core);
  const domainId = domainFor(viewer, 'operate', input.domainId);
  const parsed = parse(schemaOf(core.settings.limits), input);
  const ownEndMs = viewer.credential?.keyId ? viewer.credential.expiresAtMs : null;
  const soonMs = Math.min(core.now() + defaultLifetimeMs, ownEndMs ?? Number.POSITIVE_INFINITY);
  const keysEnd = parsed.keysExpireAt ?? (ownEndMs === null ? null : new Date(ownEndMs));
  const key = {
    name: parsed.name,
    role: 'SUPERVISOR' as const,
    domainId,
    expiresAt: requireFittingEnd(internals, viewer, 'expiresAt', parsed.expiresAt ?? new Date(soonMs)),
    hostname: null,
    enrollment: {
      maxNewcomers: parsed.maxNewcomers,
      labels: parsed.labels ?? {},
      registers: parsed.registers ?? false,
      keysExpireAt: requireFittingEnd(internals, viewer, 'keysExpireAt', keysEnd),
    },
  };
  const made = await internals.db.transaction((sql) => makeApiKey(internals, sql, viewer, key));
  await core.access.refreshKeys();
  return made;
}
