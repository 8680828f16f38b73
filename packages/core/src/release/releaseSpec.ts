/** The schemes of endpoints that a port can have. */
export const portSchemes = ['grpc', 'grpcs', 'http', 'https', 'tcp'] as const;
/** The ways in which an agent can check a plugin's health. */
export const healthCheckKinds = ['GRPC', 'TCP', 'HTTP', 'NONE'] as const;

/** One of the ways to check health. */
export type HealthCheckKind = (typeof healthCheckKinds)[number];

/** A variable of a plugin's environment: either a value, or the name of a secret that the agent holds. */
export interface EnvironmentVariable {
  readonly name: string;
  readonly value: string | null;
  readonly secret: string | null;
}

/** A port on which a plugin listens. */
export interface ReleasePort {
  readonly name: string;
  readonly port: number;
  readonly scheme: (typeof portSchemes)[number];
}

/** How an agent finds out whether a plugin is well. */
export interface HealthCheck {
  readonly kind: HealthCheckKind;
  /** The name of the port; null for the kind NONE. */
  readonly port: string | null;
  /** Of the kind HTTP; null for others. */
  readonly path: string | null;
  /** Of the kind GRPC: the service to ask for; null for the whole server, and for other kinds. */
  readonly service: string | null;
  readonly intervalSeconds: number;
}

/**
 * C1: the make of a version of a plugin, in its canonical form: defaults are filled in, variables ordered by name. Equal
 * specs are equal as JSON.
 */
export interface ReleaseSpec {
  readonly image: string | null;
  /** In place of the image's own command; null for that. */
  readonly command: readonly string[] | null;
  readonly arguments: readonly string[];
  readonly environment: readonly EnvironmentVariable[];
  readonly ports: readonly ReleasePort[];
  readonly health: HealthCheck;
  /** Null for the agent's default. */
  readonly resources: { readonly memoryMib: number | null; readonly cpuMillis: number | null };
  readonly stopTimeoutSeconds: number;
}
