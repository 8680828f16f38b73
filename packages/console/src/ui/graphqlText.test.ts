import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { disableSupervisor } from '../generated/operations.ts';
import { graphqlText } from './graphqlText.ts';

test('K16: a change is copied as a document that can be run, with its variables beside it', () => {
  const text = graphqlText(disableSupervisor, { input: { supervisorId: 'supervisor-1' } });
  expect(parse(text).definitions[0]).toMatchObject({ operation: 'mutation', name: { value: 'disableSupervisor' } });
  const variables = text.split('# Variables\n')[1]?.replace(/^# /gm, '') ?? '';
  expect(JSON.parse(variables)).toEqual({ input: { supervisorId: 'supervisor-1' } });
});
