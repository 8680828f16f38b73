import { databaseFailureOf } from '@muster/db';
import type { Log } from './log.ts';

/** The time in which what is of one kind is counted, in milliseconds (O12). */
const windowMs = 10_000;
/** The most kinds that are distinguished at a time; further ones are one kind. */
const maxKinds = 1_000;

/** A line that may repeat. */
interface RepeatedLine {
  readonly level: 'error' | 'warn' | 'info';
  readonly message: string;
  readonly fields: object;
  /** Distinguishes kinds of one message; empty where there is but one. */
  readonly kind?: string;
}

/** Logs what may repeat: the first of a kind at once, and all that follow within 10 s together, with their number (O12). */
export interface RepeatLog {
  note(line: RepeatedLine): void;
  /** Notes a trouble that the server recovers from. An error of a database that is away is logged without its stack. */
  warn(message: string, error: unknown): void;
  /** Logs what was counted. */
  close(): void;
}

/** A kind of which there was a line within the last 10 s. */
interface Repeated {
  /** The last one. */
  line: RepeatedLine;
  count: number;
  readonly timer: NodeJS.Timeout;
}

/** Makes a log of what repeats. */
export function createRepeatLog(log: Pick<Log, 'error' | 'warn' | 'info'>): RepeatLog {
  const repeated = new Map<string, Repeated>();

  function flush(kind: string, known: Repeated): void {
    if (known.count === 0) {
      clearInterval(known.timer);
      repeated.delete(kind);
      return;
    }
    const { level, fields, message } = known.line;
    log[level]({ ...fields, count: known.count }, message);
    known.count = 0;
  }

  function note(line: RepeatedLine): void {
    const own = `${line.message}\n${line.kind ?? ''}`;
    const kind = repeated.has(own) || repeated.size < maxKinds ? own : 'others';
    const known = repeated.get(kind);
    if (known) {
      known.line = line;
      known.count += 1;
      return;
    }
    const timer = setInterval(() => flush(kind, entry), windowMs).unref();
    const entry = { line, count: 0, timer };
    repeated.set(kind, entry);
    log[line.level](line.fields, line.message);
  }

  return {
    note,
    warn: (message, error) => note({ level: 'warn', message, fields: fieldsOf(error) }),
    close: () => {
      for (const [kind, known] of repeated) {
        flush(kind, known);
        clearInterval(known.timer);
      }
      repeated.clear();
    },
  };
}

/** The fields that are logged of an error: a stack says nothing of a database that is away. */
export function fieldsOf(error: unknown): object {
  if (error === undefined) return {};
  if (!(error instanceof Error) || databaseFailureOf(error) === null) return { err: error };
  return { reason: reasonIn(error) };
}

/** A failure to connect to each of several addresses has a message only in its parts. */
function reasonIn(error: Error): string {
  if (error.message !== '') return error.message;
  const [first] = error instanceof AggregateError ? error.errors : [error.cause];
  return first instanceof Error ? reasonIn(first) : error.name;
}
