import type { Identity } from './identity.ts';

/** The thing that a driver runs, with everything resolved: no names of secrets, no templates, no defaults left to fill in. */
export interface RunSpec {
  readonly identity: Identity;
  /** A name for people, of at most 63 of a-z 0-9 -, unique for the identity: `muster-<domain8>-<plugin>-<hash8>-g<generation>`. */
  readonly name: string;
  /** The image, by digest or tag; null for a process. */
  readonly image: string | null;
  /** The entry point, instead of the image's. For a process, its first is the executable. Null: the image's own. */
  readonly command: readonly string[] | null;
  readonly arguments: readonly string[];
  /** The environment but for the ports' variables, which the driver adds by `portVariables` once it knows them. */
  readonly environment: Readonly<Record<string, string>>;
  /** The ports that it listens on. The process driver picks other numbers, and gives them in the environment. */
  readonly ports: readonly SpecPort[];
  readonly health: HealthSpec;
  readonly limits: Limits;
  /** Seconds from SIGTERM to SIGKILL. */
  readonly stopTimeoutSeconds: number;
  /** Kubernetes alone fetches images by itself. */
  readonly pullPolicy: PullPolicy;
}

/** A port of a spec. */
export interface SpecPort {
  /** Unique in the spec. */
  readonly name: string;
  readonly port: number;
  /** grpc, grpcs, http, https or tcp. */
  readonly scheme: string;
}

/** How a plugin's health is seen (G3); the agent asks, whatever the engine. */
export interface HealthSpec {
  readonly kind: 'GRPC' | 'TCP' | 'HTTP' | 'NONE';
  /** The name of a port; null: the first. */
  readonly port: string | null;
  /** The path of HTTP; null: `/`. */
  readonly path: string | null;
  /** The service that is asked for by gRPC; null: the server's whole. */
  readonly service: string | null;
  readonly intervalSeconds: number;
}

/** The bounds of a plugin (G12). */
export interface Limits {
  /** MiB of 1,048,576 bytes. */
  readonly memoryMib: number;
  /** Thousandths of a core. */
  readonly cpuMillis: number;
  readonly pids: number;
  readonly readOnlyRootFilesystem: boolean;
  /** Capabilities to keep, such as NET_RAW; all others are dropped. */
  readonly capabilities: readonly string[];
  /** The user that it runs as, `uid` or `uid:gid`; null: the image's, or 65532 where the image names none. */
  readonly user: string | null;
}

/** When an image is fetched (G11). */
export type PullPolicy = 'IfNotPresent' | 'Always' | 'Never';

/** The environment variables that tell a plugin its ports: `PORT` is the first, `PORT_<NAME>` each by its name. */
export function portVariables(
  ports: readonly { readonly name: string; readonly port: number }[],
): Record<string, string> {
  const [first] = ports;
  const named = ports.map(({ name, port }) => [
    `PORT_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`,
    String(port),
  ]);
  return { ...(first ? { PORT: String(first.port) } : {}), ...Object.fromEntries(named) };
}
