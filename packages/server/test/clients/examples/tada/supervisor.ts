import { graphql } from './graphql.ts';

/** Typed by the document itself: `request(document, variables)` of graphql-request, Apollo and urql knows its types. */
export const SupervisorDocument = graphql(`
  query Supervisor($id: ID!) {
    supervisor(id: $id) { id name state labels lastSeenAt }
  }
`);
