import type { Identity } from './identity.ts';
import type { Observed } from './observed.ts';
import type { RunSpec } from './runSpec.ts';

/**
 * Runs plugins on one engine: containers, a Kubernetes namespace, or processes. A driver sees and touches only what has
 * its owner's label (G2), and knows nothing of the server. Each call may be repeated: what is already so counts as done
 * (G1).
 *
 * Every method throws a `DriverError`: with the code ENGINE_UNAVAILABLE where the engine gave no whole answer in time, which
 * says nothing about what runs (G7), and with any other code where the engine answered. A driver sets the time-outs of
 * its calls itself.
 */
export interface Driver {
  readonly kind: DriverKind;
  /** Whether the engine itself starts again what ends (Kubernetes). Then the agent doesn't, and reports what it sees (G5). */
  readonly restartsItself: boolean;
  /** Whether two generations or versions of a plugin can run at a time: false where they would want the same port (G4). */
  readonly runsBeside: boolean;
  /** The images of the engine; undefined where the agent fetches none (Kubernetes fetches its own, processes have none). */
  readonly images?: ImageStore;
  /**
   * The agent's key for hashes (G2), where the engine keeps it: a pod's folder goes with it, and what it runs stays. It is
   * known once `list` has answered. Undefined where the agent keeps it itself.
   */
  readonly hashKey?: () => string | undefined;

  /** Everything with the owner's label, whatever its status. An empty list is an answer: nothing is there. */
  list(): Promise<readonly Observed[]>;
  /**
   * Makes what the spec says, and returns the id that the engine has for it. It need not run before `start`. Where the
   * identity is already there, its id is returned.
   *
   * @throws DriverError NAME_TAKEN if the name belongs to anything else, REFUSED with the engine's words for any other no
   */
  create(spec: RunSpec): Promise<string>;
  /**
   * Starts it; what runs is left alone.
   *
   * @throws DriverError ABSENT if there is none
   */
  start(id: string): Promise<void>;
  /**
   * Asks it to end (SIGTERM), kills it after the grace, and resolves when it has ended. Done where there is none.
   *
   * @param graceMs milliseconds between the request and the kill
   */
  stop(id: string, graceMs: number): Promise<void>;
  /** Removes it, running or not, with its logs. Done where there is none. */
  remove(id: string): Promise<void>;
  /**
   * Yields what it has written, line by line, also after its end.
   *
   * @throws DriverError ABSENT if there is none
   */
  logs(id: string, options: LogOptions): AsyncIterable<string>;
  /**
   * Yields whenever anything of the owner may have changed: a hint to list again, and no more (G1). Ends or throws when the
   * engine's stream does; the caller opens another.
   */
  events(signal: AbortSignal): AsyncIterable<void>;
  /** Frees what the driver holds open. Stops nothing (G8), but for an engine that was configured so. */
  close(): Promise<void>;
}

/** The engines. */
type DriverKind = 'docker' | 'kubernetes' | 'process';

/** The option that every driver is opened with, beside its own settings. */
export interface DriverOwner {
  /** The value of the label `muster.dev/supervisor`: what carries another, or none, isn't there for the driver. */
  readonly owner: Identity['owner'];
}

/** How much of the logs to read. */
export interface LogOptions {
  /** The last lines to begin with. */
  readonly tail: number;
  /** Whether to go on with what is written later, until the signal aborts or the plugin ends. */
  readonly follow: boolean;
  readonly signal?: AbortSignal;
}

/** The images of an engine (G11). */
export interface ImageStore {
  /** Whether the engine has the image. */
  has(image: string): Promise<boolean>;
  /**
   * Fetches the image, with the credentials of its registry. The caller sets the time-outs by the signal.
   *
   * @throws DriverError REFUSED with the registry's words; the signal's reason once aborted
   */
  pull(image: string, options: PullOptions): Promise<void>;
  /** All images of the engine, those of others too. */
  list(): Promise<readonly StoredImage[]>;
  /** Removes an image. Done where there is none, or where anything uses it. */
  remove(id: string): Promise<void>;
}

/** How an image is fetched. */
interface PullOptions {
  readonly signal: AbortSignal;
  /** Called at each sign of progress. */
  readonly onProgress: () => void;
}

/** An image that an engine has. */
export interface StoredImage {
  readonly id: string;
  /** Its names: tags and digests, as a spec names them. */
  readonly names: readonly string[];
  /** Whether any container, of whatever owner, running or not, is made of it. */
  readonly isUsed: boolean;
}
