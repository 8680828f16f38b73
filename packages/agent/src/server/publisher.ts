import {
  type MusterClient,
  type MutationData,
  ReportDocument,
  type ReportMutation,
  RequestError,
  retryDelayMs,
} from '@muster/client';
import type { JsonObject, PluginReport } from '../contract.ts';

/** The answer to a report. */
type ReportAnswer = MutationData<ReportMutation>['publishSupervisor'];

/** The supervisor that an agent speaks for. */
export interface SupervisorIdentity {
  readonly domainId: string | null;
  readonly name: string;
  readonly hostname: string;
  readonly secretKey: string | null;
  readonly labels: JsonObject;
  readonly tags: JsonObject;
  /** Identifies this run of the agent (S8). */
  readonly bootId: string;
}

/** The reports, and whom to call. */
export interface PublisherOptions {
  readonly client: Pick<MusterClient, 'mutate'>;
  readonly identity: SupervisorIdentity;
  /** The reports of now; null: too little is known, and the publish is a heartbeat. */
  readonly reports: () => readonly PluginReport[] | null;
  /** A7: keeps the key that an answer may bring, which is shown once; awaited before all else, for the last answer, too. */
  readonly keepKey: (answer: ReportAnswer) => Promise<void>;
  /** A7: whether a report of now enrolls: then its answer is waited for, whatever happens meanwhile. */
  readonly isEnrolling: () => boolean;
  /** Awaited before the next publish; not called for the last one. */
  readonly onAnswer: (answer: ReportAnswer) => Promise<void>;
  readonly onError: (error: unknown) => void;
  readonly random: () => number;
}

/** Publishes reports: soon after each change, and when the server asked for it. */
export interface Publisher {
  /** Publishes within 200 ms, joined with all that changes meanwhile. */
  soon(): void;
  /** Publishes now, once, whether it succeeds or not; for the end (G8). */
  last(signal: AbortSignal): Promise<void>;
  close(): void;
}

/** How long changes are gathered into one report. */
const joinMs = 200;

/** Opens the publisher; `soon` begins it. */
export function openPublisher(options: PublisherOptions): Publisher {
  const { client, identity, reports, keepKey, isEnrolling, onAnswer, onError, random } = options;
  const closing = new AbortController();
  const givingUp = new AbortController();
  let sequence = 0;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let dueAtMs = Number.POSITIVE_INFINITY;
  let notBeforeMs = 0;
  let underWay: Promise<void> | undefined;
  let isDirty = false;

  async function publish(signal: AbortSignal): Promise<ReportAnswer> {
    sequence += 1;
    const input = { ...identity, sequence, plugins: reports() };
    return (await client.mutate(ReportDocument, { input }, signal)).publishSupervisor;
  }

  function schedule(atMs: number): void {
    if (closing.signal.aborted || atMs >= dueAtMs) return;
    clearTimeout(timer);
    dueAtMs = atMs;
    timer = setTimeout(
      () => {
        underWay = run();
      },
      Math.max(0, atMs - Date.now()),
    );
  }

  async function run(): Promise<void> {
    dueAtMs = Number.POSITIVE_INFINITY;
    isDirty = false;
    try {
      const answer = await publish(isEnrolling() ? givingUp.signal : closing.signal);
      await keepKey(answer);
      if (closing.signal.aborted) return;
      failures = 0;
      notBeforeMs = 0;
      await onAnswer(answer);
      schedule(Date.now() + answer.nextPublishInMs);
    } catch (error) {
      if (closing.signal.aborted) return;
      onError(error);
      notBeforeMs = Date.now() + pauseAfter(error) + retryDelayMs(failures, random);
      failures += 1;
      schedule(notBeforeMs);
    } finally {
      underWay = undefined;
    }
    if (isDirty) soon();
  }

  function soon(): void {
    isDirty = true;
    // A fleet that comes back must not press a server that refuses or is away: its pause counts for changes, too.
    if (!underWay) schedule(Math.max(Date.now() + joinMs, notBeforeMs));
  }

  return {
    soon,
    last: async (signal) => {
      closing.abort();
      clearTimeout(timer);
      signal.addEventListener('abort', () => givingUp.abort(), { once: true });
      await underWay;
      await publish(signal).then(keepKey).catch(onError);
    },
    close: () => {
      closing.abort();
      givingUp.abort();
      clearTimeout(timer);
    },
  };
}

/** The pause that the server asked for at least. */
function pauseAfter(error: unknown): number {
  const asked = error instanceof RequestError ? error.extensions.retryAfterMs : undefined;
  return typeof asked === 'number' ? asked : 0;
}
