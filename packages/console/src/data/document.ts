/** The text of a GraphQL operation, which knows the types of its result and of its variables. */
export type Document<Result, Variables> = string & {
  readonly result?: (variables: Variables) => Result;
};
