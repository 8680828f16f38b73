import type { PluginFunction } from '@graphql-codegen/plugin-helpers';
import { type FragmentDefinitionNode, type GraphQLSchema, Kind, print, visit } from 'graphql';

/**
 * A plugin of graphql-codegen: each operation as the text that is sent, with the fragments that it uses. The page so needs
 * neither syntax trees nor a printer.
 */
export const plugin: PluginFunction = (_schema: GraphQLSchema, sources) => {
  const definitions = sources.flatMap(({ document }) => document?.definitions ?? []);
  const fragments = new Map(
    definitions.filter((each) => each.kind === Kind.FRAGMENT_DEFINITION).map((each) => [each.name.value, each]),
  );
  const operations = definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION);
  const texts = operations.map((operation) => {
    const name = operation.name?.value;
    if (name === undefined) throw new Error(`expected a name of each operation; got ${print(operation)}`);
    const typed =
      name[0]?.toUpperCase() + name.slice(1) + operation.operation[0]?.toUpperCase() + operation.operation.slice(1);
    const spread = [...spreadIn(operation, fragments)].map((fragment) => `${fragment.name.value}Text`);
    const text = [JSON.stringify(`${print(operation)}\n`), ...spread].join(' + ');
    return `export const ${name} = (${text}) as Document<${typed}, ${typed}Variables>;`;
  });
  const shared = [...fragments].map(
    ([name, fragment]) => `const ${name}Text = ${JSON.stringify(`${print(fragment)}\n`)};`,
  );
  return {
    prepend: ["import type { Document } from '../data/document.ts';"],
    content: [...shared, ...texts].join('\n\n'),
  };
};

/** The fragments that a definition spreads, and those that these spread, each once. */
function spreadIn(
  definition: Parameters<typeof visit>[0],
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  found = new Set<FragmentDefinitionNode>(),
): Set<FragmentDefinitionNode> {
  visit(definition, {
    FragmentSpread({ name }) {
      const fragment = fragments.get(name.value);
      if (fragment === undefined) throw new Error(`expected a fragment ${name.value}; found none`);
      if (found.has(fragment)) return;
      found.add(fragment);
      spreadIn(fragment, fragments, found);
    },
  });
  return found;
}
