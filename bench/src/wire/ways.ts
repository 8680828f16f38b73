/** The ways into one and the same server. */
export type WayName = 'grpc' | 'rest' | 'graphql';

/** A way into the server. */
export interface Way {
  /** The way's name for the command line. */
  readonly name: WayName;
  /** The way's name in the table. */
  readonly label: string;
}

/** The way that the others are compared with. */
export const baseName: WayName = 'graphql';

/** The ways that are measured beside each other. */
export const ways: readonly Way[] = [
  { name: 'graphql', label: 'GraphQL over HTTP/1.1' },
  { name: 'rest', label: 'REST over HTTP/1.1' },
  { name: 'grpc', label: 'gRPC' },
];
