import { Prisma, type PrismaClient } from '@muster/db';
import type { Scope } from './policy.ts';

/**
 * The second line of defence below the operations' own conditions (A2, A3): rows are only reached through a client that
 * is bound to a scope, and that adds the scope's domain to whatever it is asked. What was forgotten above leaks
 * nothing. The same is done for SQL by query/tableSql.ts, and for events by event/guard.ts.
 */
export interface Tenants {
  /** Prisma, as far as the scope reaches. */
  client(scope: Scope): PrismaClient;
}

/** Bound clients that are kept: making one takes longer than most queries. */
const mostKept = 1_000;

/** What the models that have a domain go by; others are not for tenants. */
const models: readonly string[] = Object.values(Prisma.ModelName).filter((name) =>
  Object.hasOwn(Prisma[`${name}ScalarFieldEnum`], 'domainId'),
);

/** Operations that make rows. */
const creating = ['create', 'createMany', 'createManyAndReturn', 'upsert'];

export function createTenants(prisma: PrismaClient): Tenants {
  const bound = new Map<string, PrismaClient>();
  return {
    client: ({ domainId }) => {
      if (domainId === null) return prisma;
      const kept = bound.get(domainId) ?? bind(prisma, domainId);
      bound.delete(domainId);
      bound.set(domainId, kept);
      const [oldest] = bound.keys();
      if (bound.size > mostKept && oldest !== undefined) bound.delete(oldest);
      return kept;
    },
  };
}

function bind(prisma: PrismaClient, domainId: string): PrismaClient {
  const client = prisma.$extends({
    query: {
      $allOperations: async ({ model, operation, args, query }) => {
        if (model === undefined || !models.includes(model)) {
          throw new Error(`${model ?? 'SQL'}.${operation} is not for a tenant`);
        }
        return query(boundArguments(operation, args, domainId));
      },
    },
  });
  // The extension changes what is asked, not what comes back.
  return client as unknown as PrismaClient;
}

interface Asked {
  where?: object;
  data?: unknown;
  create?: unknown;
  include?: object | null;
  select?: object | null;
}

/** The arguments of an operation, so that it reaches only the domain's rows. */
export function boundArguments(operation: string, args: Asked, domainId: string): object {
  for (const related of [args.include, args.select]) {
    // A supervisor's plugins may be other tenants'.
    if (related && 'plugins' in related) throw new Error('plugins are not read by way of their supervisor');
  }
  if (!creating.includes(operation)) return { ...args, where: boundWhere(args.where, domainId) };
  const rows = [args.data ?? args.create].flat();
  if (rows.some((row) => (row as { domainId?: unknown }).domainId !== domainId)) {
    throw new Error(`${operation} of a row in another domain`);
  }
  return args.where ? { ...args, where: boundWhere(args.where, domainId) } : args;
}

/** Beside what is asked for, since a unique row must be named at the top. */
function boundWhere(where: { AND?: unknown } | undefined, domainId: string): object {
  return { ...where, AND: [{ domainId }, ...(where?.AND === undefined ? [] : [where.AND].flat())] };
}
