import type { CompileContext } from './compile.ts';

/** The rows that the scope lets through, whatever the filter says (A2, A3). */
export function compileScope(context: CompileContext, alias: string, includePublic = false): string {
  const { domainId } = context.scope;
  if (domainId === null) return 'TRUE';
  const own = `${alias}."domain_id" = ${context.parameters.add(domainId, 'text')}`;
  return includePublic ? `(${own} OR ${alias}."is_public")` : own;
}
