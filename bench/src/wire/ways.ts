/** An API of the server. */
export type WayName = 'grpc' | 'rest' | 'graphql';

/** An API of the server, as the bench measures it. */
export interface Way {
  /** The name on the command line. */
  readonly name: WayName;
  /** The name in the tables. */
  readonly label: string;
}

/** The way that all others are compared with. */
export const baseName: WayName = 'graphql';

/** All ways, in the order of the tables. */
export const ways: readonly Way[] = [
  { name: 'graphql', label: 'GraphQL over HTTP/1.1' },
  { name: 'rest', label: 'REST over HTTP/1.1' },
  { name: 'grpc', label: 'gRPC' },
];
