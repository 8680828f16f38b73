/** The ways into one and the same server. */
export type WayName = 'grpc' | 'rest' | 'graphql';

export interface Way {
  /** For the command line. */
  readonly name: WayName;
  /** For the table. */
  readonly label: string;
}

/** What the others are compared with. */
export const baseName: WayName = 'graphql';

export const ways: readonly Way[] = [
  { name: 'graphql', label: 'GraphQL over HTTP/1.1' },
  { name: 'rest', label: 'REST over HTTP/1.1' },
  { name: 'grpc', label: 'gRPC' },
];
