import type { CompileContext } from './context.ts';

/** Which rows of other domains a list shows. */
export interface ScopeOptions {
  /** Also public supervisors of other domains (A6), or public releases (C1). Default false. */
  readonly includePublic?: boolean | undefined;
}

/** The SQL condition that keeps the rows of `alias` within the scope, whatever the filter asks for (A2, A3). */
export function scopeSql(context: CompileContext, alias: string, { includePublic }: ScopeOptions = {}): string {
  const { domainId } = context.scope;
  if (domainId === null) return 'TRUE';
  const own = `${alias}."domain_id" = ${context.parameters.add(domainId, 'text')}`;
  return includePublic ? `(${own} OR ${alias}."is_public")` : own;
}
