import graphqlPlugin from '@graphql-eslint/eslint-plugin';
import { ESLint } from 'eslint';
import { printSchema } from 'graphql';
import { expect, test } from 'vitest';
import { buildSchema } from '../src/schema.ts';
import { lintRules, standing } from '../testing/lintRules.ts';

test("the schema passes graphql-eslint's recommended and Relay's rules, but for exceptions that have a reason", async () => {
  const text = printSchema(buildSchema());
  const eslint = new ESLint({
    overrideConfigFile: true,
    overrideConfig: {
      files: ['**/*.graphql'],
      languageOptions: {
        parser: graphqlPlugin.parser,
        parserOptions: { graphQLConfig: { schema: text } },
      },
      plugins: { '@graphql-eslint': graphqlPlugin as unknown as ESLint.Plugin },
      rules: lintRules,
    },
  });
  const results = await eslint.lintText(text, { filePath: 'schema.graphql' });
  const messages = results.flatMap((result) => result.messages);
  const unexpected = messages.filter(({ message }) => !Object.hasOwn(standing, message));
  expect(unexpected.map(({ ruleId, line, message }) => `${ruleId} ${line}: ${message}`)).toEqual([]);
  expect(messages.map(({ message }) => message)).toEqual(Object.keys(standing));
}, 60_000);
