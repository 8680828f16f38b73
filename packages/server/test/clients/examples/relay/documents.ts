import { graphql } from 'relay-runtime';

graphql`
  query documentsSupervisorsQuery($first: Int = 20, $after: String) {
    supervisors(first: $first, after: $after) @connection(key: "documents_supervisors") {
      edges { node { id name state labels } }
    }
  }
`;

graphql`
  subscription documentsWatchSubscription($after: Cursor) {
    watchSupervisors(after: $after) {
      type
      cursor
      supervisorId
      supervisor { id name state labels }
    }
  }
`;

graphql`
  mutation documentsDisableMutation($input: DisableSupervisorsInput!) {
    disableSupervisors(input: $input) {
      after
      items { targetId outcome code message }
    }
  }
`;

graphql`
  query documentsAssignmentsQuery($supervisorId: ID!) {
    assignments(supervisorId: $supervisorId) { pluginInstanceId pluginId version state }
  }
`;
