/** A tenant, as its clients know it. */
export interface Tenant {
  readonly domainId: string;
  /** The API keys of the tenant, by role. */
  readonly keys: { readonly viewer: string; readonly operator: string; readonly agent: string };
  readonly hostnames: readonly string[];
  /** The ids of the supervisors, in the order of `hostnames`. */
  readonly supervisorIds: readonly string[];
  /** The number of plugins of each supervisor. */
  readonly plugins: number;
}

/** The server under attack, as the attacker knows it. */
export interface Target {
  /** The server's origin: `http://127.0.0.1:4000`. */
  readonly origin: string;
  /** The address of gRPC: `127.0.0.1:50051`. */
  readonly grpcAddress: string;
  /** The tenant that attacks. */
  readonly tenant: Tenant;
}

/** The parts that an attack works with. */
export interface AttackContext {
  readonly target: Target;
  /** Aborted when the attack must end. */
  readonly signal: AbortSignal;
  /** Counts an outcome, such as `ok`, an error code or `ECONNRESET`. */
  count(outcome: string): void;
}

/** The part of the server that an attack aims at; the tests of a family share a server. */
export type AttackFamily = 'documents' | 'work' | 'live' | 'sockets' | 'credentials';

/** An attack on a server by one credential, or by a client without one. */
export interface Attack {
  /** The name on the command line. */
  readonly name: string;
  readonly family: AttackFamily;
  /** The numbers of the rules in docs/bounds.md that answer the attack: 2 for the second rule of work. */
  readonly bounds: readonly number[];
  /** Every attempt must be refused. */
  readonly isRefused?: true;
  /** One line about the attack, for people. */
  readonly summary: string;
  /** Attacks until the signal; connections that the attack opened are closed by the end of the attacker's process. */
  run(context: AttackContext): Promise<void>;
}
