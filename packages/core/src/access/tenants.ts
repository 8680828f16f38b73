import { Prisma, type PrismaClient } from '@muster/db';
import { LRUCache } from 'lru-cache';
import type { Scope } from './policy.ts';

/**
 * The second line of defence below the operations' own conditions (A2, A3): rows are only reached through a client that
 * is bound to a scope, and that adds the scope's domain to every query. An operation that forgets its own condition
 * leaks nothing. query/tableSql.ts does the same for SQL, and event/domainGuard.ts for events.
 */
export interface Tenants {
  /** Prisma, bound to the scope. */
  client(scope: Scope): PrismaClient;
}

/** Bound clients that are cached: making one takes longer than most queries. */
const maxCached = 1_000;

/** The names of the models that have a domain; others are not for tenants. */
const models: readonly string[] = Object.values(Prisma.ModelName).filter((name) =>
  Object.hasOwn(Prisma[`${name}ScalarFieldEnum`], 'domainId'),
);

/** Operations that create rows. */
const creating = ['create', 'createMany', 'createManyAndReturn', 'upsert'];

/** The bound clients of one Prisma client. */
export function createTenants(prisma: PrismaClient): Tenants {
  const clients = new LRUCache<string, PrismaClient>({ max: maxCached });
  return {
    client: ({ domainId }) => {
      if (domainId === null) return prisma;
      const client = clients.get(domainId) ?? bind(prisma, domainId);
      clients.set(domainId, client);
      return client;
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
  // The extension changes queries, not the types of their results.
  return client as unknown as PrismaClient;
}

interface QueryArguments {
  where?: object;
  data?: unknown;
  create?: unknown;
  include?: object | null;
  select?: object | null;
}

/** The arguments of an operation, changed so that it reaches only the domain's rows. */
export function boundArguments(operation: string, args: QueryArguments, domainId: string): object {
  refusePluginsOfSupervisors(args);
  if (!creating.includes(operation)) return { ...args, where: boundWhere(args.where, domainId) };
  const rows = [args.data ?? args.create].flat();
  if (rows.some((row) => (row as { domainId?: unknown }).domainId !== domainId)) {
    throw new Error(`${operation} of a row in another domain`);
  }
  return args.where ? { ...args, where: boundWhere(args.where, domainId) } : args;
}

/** The plugins of a supervisor may belong to other tenants, however deep a query asks for them. */
function refusePluginsOfSupervisors(args: Pick<QueryArguments, 'include' | 'select'>): void {
  for (const related of [args.include, args.select]) {
    if (typeof related !== 'object' || related === null) continue;
    if ('plugins' in related) throw new Error('plugins are not read by way of their supervisor');
    for (const nested of Object.values(related)) {
      if (typeof nested === 'object' && nested !== null) refusePluginsOfSupervisors(nested);
    }
  }
}

/** Adds the domain under AND, since Prisma wants a unique field at the top. */
function boundWhere(where: { AND?: unknown } | undefined, domainId: string): object {
  return { ...where, AND: [{ domainId }, ...(where?.AND === undefined ? [] : [where.AND].flat())] };
}
