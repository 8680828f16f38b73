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
  /** Awaited before the next publish. */
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
  const { client, identity, reports, onAnswer, onError, random } = options;
  const closing = new AbortController();
  let sequence = 0;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let dueAtMs = Number.POSITIVE_INFINITY;
  let notBeforeMs = 0;
  let isUnderWay = false;
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
    timer = setTimeout(() => void run(), Math.max(0, atMs - Date.now()));
  }

  async function run(): Promise<void> {
    dueAtMs = Number.POSITIVE_INFINITY;
    isUnderWay = true;
    isDirty = false;
    try {
      const answer = await publish(closing.signal);
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
      isUnderWay = false;
    }
    if (isDirty) soon();
  }

  function soon(): void {
    isDirty = true;
    // A fleet that comes back must not press a server that refuses or is away: its pause counts for changes, too.
    if (!isUnderWay) schedule(Math.max(Date.now() + joinMs, notBeforeMs));
  }

  return {
    soon,
    last: async (signal) => {
      closing.abort();
      clearTimeout(timer);
      await publish(signal).catch(onError);
    },
    close: () => {
      closing.abort();
      clearTimeout(timer);
    },
  };
}

/** The pause that the server asked for at least. */
function pauseAfter(error: unknown): number {
  const asked = error instanceof RequestError ? error.extensions.retryAfterMs : undefined;
  return typeof asked === 'number' ? asked : 0;
}
