import { createOperationDescriptor, type Environment, getRequest } from 'relay-runtime';
import supervisors, {
  type documentsSupervisorsQuery,
} from './examples/relay/generated/documentsSupervisorsQuery.graphql.ts';

/** The supervisors that Relay shows: those of its connection. */
export function shownSupervisors(environment: Environment) {
  const { fragment } = createOperationDescriptor(getRequest(supervisors), {});
  const data = environment.lookup(fragment).data as documentsSupervisorsQuery['response'] | undefined;
  return data?.supervisors?.edges.map(({ node }) => node) ?? [];
}
