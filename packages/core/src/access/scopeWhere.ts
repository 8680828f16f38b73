import type { Scope } from './policy.ts';

/** The part of a Prisma `where` that restricts a query to a scope. */
export function inScope({ domainId }: Scope): { domainId?: string } {
  return domainId === null ? {} : { domainId };
}

/** Whether a row is in a scope. */
export function isInScope(scope: Scope, { domainId }: { readonly domainId: string }): boolean {
  return scope.domainId === null || domainId === scope.domainId;
}
