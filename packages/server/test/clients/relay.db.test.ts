import { useTestServer } from '@muster/server/testing';
import {
  commitMutation,
  type Environment,
  fetchQuery,
  type GraphQLTaggedNode,
  type OperationType,
} from 'relay-runtime';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { createRelayEnvironment } from './examples/relay/environment.ts';
import assignments, {
  type documentsAssignmentsQuery,
} from './examples/relay/generated/documentsAssignmentsQuery.graphql.ts';
import disable, { type documentsDisableMutation } from './examples/relay/generated/documentsDisableMutation.graphql.ts';
import list, { type documentsSupervisorsQuery } from './examples/relay/generated/documentsSupervisorsQuery.graphql.ts';
import { keepSupervisors } from './examples/relay/supervisors.ts';
import { shownSupervisors } from './relayList.ts';
import { openSite, type Site } from './site.ts';

const server = useTestServer();
let site: Site;
let environment: Environment;
beforeAll(async () => {
  site = await openSite(server.url);
  environment = createRelayEnvironment(site.url, site.token);
});

const ask = <Operation extends OperationType>(query: GraphQLTaggedNode, variables: Operation['variables']) =>
  fetchQuery<Operation>(environment, query, variables).toPromise();
const record = (id: string) => environment.getStore().getSource().get(id);
const fail = (error: Error) => {
  throw error;
};

test("Relay's store keeps a supervisor through its list, watches, bulk dry runs and assignments", async () => {
  const id = await site.report('kept', 'ACTIVE');
  await site.ask('mutation ($id: ID!) { registerSupervisor(input: {supervisorId: $id}) { supervisor { id } } }', {
    id,
  });
  await site.ask('mutation { installPlugin(input: {pluginId: "wanted", version: "1"}) { plugin { id } } }');
  const supervisor = { __typename: 'Supervisor', id, name: 'kept' };

  await ask<documentsSupervisorsQuery>(list, {});
  expect(record(id)).toMatchObject({ ...supervisor, state: 'ENABLED' });

  const watch = keepSupervisors(environment, fail);
  onTestFinished(() => watch.dispose());
  await site.ask('mutation ($id: ID!) { disableSupervisor(input: {supervisorId: $id}) { supervisor { id } } }', { id });
  await expect.poll(() => record(id)).toMatchObject({ ...supervisor, state: 'DISABLED' });

  const response = await new Promise<documentsDisableMutation['response']>((resolve, reject) => {
    const variables = { input: { all: true, dryRun: true } };
    commitMutation<documentsDisableMutation>(environment, {
      mutation: disable,
      variables,
      onCompleted: resolve,
      onError: reject,
    });
  });
  expect(response.disableSupervisors?.items).toMatchObject([{ targetId: id, outcome: 'UNCHANGED' }]);

  const wanted = await ask<documentsAssignmentsQuery>(assignments, { supervisorId: id });
  expect(wanted?.assignments).toContainEqual(expect.objectContaining({ pluginId: 'wanted' }));

  expect(record(id)).toMatchObject({ ...supervisor, state: 'DISABLED' });
});

test("a watch keeps a connection of Relay's true: a new supervisor is added once, and one that is gone is removed", async () => {
  await ask<documentsSupervisorsQuery>(list, {});
  const watch = keepSupervisors(environment, fail);
  onTestFinished(() => watch.dispose());
  const listed = () => shownSupervisors(environment).map((node) => node.id);
  const id = await site.report('added', 'ACTIVE');
  await expect.poll(listed).toContain(id);
  await site.report('added', 'ERROR');
  expect(listed().filter((each) => each === id)).toHaveLength(1);
  await site.ask('mutation ($id: ID!) { deregisterSupervisor(input: {supervisorId: $id}) { deregisteredId } }', { id });
  await expect.poll(() => record(id)).toBeNull();
  expect(listed()).not.toContain(id);
});

test('a watch that begins with a whole list takes away what went before it', async () => {
  const id = await site.report('gone', 'ACTIVE');
  await ask<documentsSupervisorsQuery>(list, {});
  await site.ask('mutation ($id: ID!) { deregisterSupervisor(input: {supervisorId: $id}) { deregisteredId } }', { id });
  const listed = () => shownSupervisors(environment).map((node) => node.id);
  expect(listed()).toContain(id);
  const watch = keepSupervisors(environment, fail);
  onTestFinished(() => watch.dispose());
  await expect.poll(listed).not.toContain(id);
});
