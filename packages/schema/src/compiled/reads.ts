import {
  can,
  NotCoveredError,
  notCovered,
  type PluginStatsInput,
  type Read,
  readJson,
  type SupervisorStatsInput,
} from '@muster/core';
import {
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  visit,
} from 'graphql';
import type { SchemaContext } from '../context.ts';
import { collectFields, type SelectedField, type SelectionContext } from './collect.ts';
import { columnsOf } from './columns.ts';
import { argumentsOf } from './fieldArguments.ts';
import { fragmentsByName } from './fragmentsByName.ts';
import { membersOf, objectType, optionsOf, pageParts } from './selection.ts';
import { statParts } from './stats.ts';
import { viewerText } from './viewer.ts';

/** Answers an operation by one statement that makes the text of the answer; the document has passed validation. */
export interface CompiledRead {
  /**
   * Answers the operation. Nothing has been changed when it rejects: resolvers find the problem again, and report it.
   *
   * @param variables coerced
   * @returns the text of the operation's data, at once where the database isn't needed; null where only resolvers can
   *   answer, or can report the problem
   */
  answer(variables: Readonly<Record<string, unknown>>, context: SchemaContext): Promise<string> | string | null;
}

/**
 * Compiles operations of documents that have passed validation.
 *
 * @returns a function that compiles one operation; null where one statement can't answer it, whatever the variables
 */
export function createReadCompiler(
  schema: GraphQLSchema,
): (document: DocumentNode, operation: OperationDefinitionNode) => CompiledRead | null {
  const columns = columnsOf(schema);
  return (document, operation) => {
    if (operation.operation !== OperationTypeNode.QUERY || operation.directives?.length) return null;
    const fragments = fragmentsByName(document);
    const plan = (variables: SelectionContext['variables']) =>
      planOrNull({ schema, columns, fragments, variables }, operation);
    const fixed = isFixed(document, operation) ? plan({}) : undefined;
    if (fixed === null) return null;
    return {
      answer: (variables, context) => {
        const { core, viewer } = context;
        if (!can(viewer, 'read')) return null;
        const reads = (fixed ?? plan(variables))?.map((make) => make(variables, context));
        return reads ? (textWithoutRows(reads) ?? readJson(core, viewer, reads)) : null;
      },
    };
  };
}

/** The text of an answer that needs no row; null where the database must be asked. */
function textWithoutRows(reads: readonly Read[]): string | null {
  const members: string[] = [];
  for (const read of reads) {
    const text = 'constant' in read ? read.constant : 'text' in read ? read.text : null;
    if (text === null) return null;
    members.push(`"${read.key}":${text}`);
  }
  return `{${members.join(',')}}`;
}

/** Whether variables occur only in arguments of root fields, so that the plan is the same whatever their values. */
function isFixed(document: DocumentNode, operation: OperationDefinitionNode): boolean {
  const ofRoot = new Set<unknown>(
    operation.selectionSet.selections.flatMap((selection) =>
      selection.kind === Kind.FIELD ? (selection.arguments ?? []) : [],
    ),
  );
  let isFixed = true;
  visit(document, {
    enter: (node) => {
      if (node.kind === Kind.VARIABLE_DEFINITION || ofRoot.has(node)) return false;
      if (node.kind === Kind.VARIABLE) isFixed = false;
      return undefined;
    },
  });
  return isFixed;
}

/** Makes the read of a root field, once the variables and the viewer are known. */
type ReadMaker = (variables: SelectionContext['variables'], context: SchemaContext) => Read;

function planOrNull(context: SelectionContext, operation: OperationDefinitionNode): ReadMaker[] | null {
  try {
    const root = objectType(context, 'Query');
    return collectFields(context, root, [operation.selectionSet]).map((selected) => readMaker(context, selected));
  } catch (error) {
    if (error instanceof NotCoveredError) return null;
    throw error;
  }
}

const statArguments = ['domainId', 'filter', 'groupBy'];
const listArguments = ['domainId', 'filter', 'keyword', 'orderBy', 'first', 'after', 'last', 'before'];

function readMaker(context: SelectionContext, selected: SelectedField): ReadMaker {
  const { key, name } = selected;
  const root = objectType(context, 'Query');
  if (name === '__typename') return () => ({ key, constant: JSON.stringify(root.name) });
  if (name === 'viewer') {
    const textOf = viewerText(context, selected);
    return (_variables, asked) => ({ key, text: textOf(asked) });
  }
  const field = root.getFields()[name] ?? notCovered(name);
  const { authScopes } = optionsOf(field.extensions);
  if (JSON.stringify(authScopes) !== '{"read":true}') notCovered(`the rights that ${name} asks for`);
  switch (name) {
    case 'supervisor': {
      const input = argumentsOf<{ id: string }>(root, selected, ['id']);
      const members = membersOf(context, 'Supervisor', selected);
      return (variables) => ({ key, supervisor: { ...input(variables), members } });
    }
    case 'plugin': {
      const input = argumentsOf<{ id: string }>(root, selected, ['id']);
      const members = membersOf(context, 'Plugin', selected);
      return (variables) => ({ key, plugin: { ...input(variables), members } });
    }
    case 'supervisors': {
      const input = argumentsOf<object>(root, selected, [...listArguments, 'includePublic']);
      const parts = pageParts(context, root, selected, 'Supervisor');
      return (variables) => ({ key, supervisors: { input: input(variables), parts } });
    }
    case 'plugins': {
      const input = argumentsOf<object>(root, selected, listArguments);
      const parts = pageParts(context, root, selected, 'Plugin');
      return (variables) => ({ key, plugins: { input: input(variables), parts } });
    }
    case 'supervisorStats': {
      const input = argumentsOf<SupervisorStatsInput>(root, selected, [...statArguments, 'labelKey']);
      const parts = statParts(context, root, selected);
      return (variables) => ({ key, supervisorStats: { input: input(variables), parts } });
    }
    case 'pluginStats': {
      const input = argumentsOf<PluginStatsInput>(root, selected, statArguments);
      const parts = statParts(context, root, selected);
      return (variables) => ({ key, pluginStats: { input: input(variables), parts } });
    }
    default:
      return notCovered(name);
  }
}
