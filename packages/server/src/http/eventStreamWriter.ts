import type { ServerResponse } from 'node:http';
import type { Unsent } from '../limits/unsent.ts';
import { commentEvent, completeEvent, nextEvent } from '../live/eventFrame.ts';
import type { SocketWriter } from '../live/socketWriter.ts';

/** How often a comment is sent, so that nobody on the way takes the connection for a dead one, in milliseconds. */
const commentIntervalMs = 12_000;

/** The headers of server-sent events. They ask proxies to pass each event on at once: nginx by the last one (O13). */
export const eventStreamHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

/** The parameters of an event stream's writer. */
export interface EventStreamOptions {
  readonly response: ServerResponse;
  /** The bytes that wait for the peer. */
  readonly unsent: Unsent;
  /** How long the peer may read nothing while bytes wait for it, in milliseconds. */
  readonly unreadMs: number;
}

/** Writes the events of one subscription to a response, no faster than its peer reads them (W9). */
export class EventStreamWriter implements SocketWriter {
  readonly #response: ServerResponse;
  readonly #unsent: Unsent;
  readonly #unreadMs: number;
  #comments: NodeJS.Timeout | undefined;
  #heldBytes = 0;

  constructor({ response, unsent, unreadMs }: EventStreamOptions) {
    this.#response = response;
    this.#unsent = unsent;
    this.#unreadMs = unreadMs;
    response.on('drain', () => this.#count());
    response.once('close', () => {
      clearInterval(this.#comments);
      unsent.set(0);
    });
  }

  get ready(): boolean {
    return !this.#response.writableNeedDrain;
  }

  /** Sends the headers, and a comment: some browsers show nothing of a stream before its first bytes. */
  open(): void {
    const response = this.#response;
    if (response.headersSent || response.destroyed) return;
    response.writeHead(200, eventStreamHeaders);
    response.write(commentEvent);
    response.setTimeout(this.#unreadMs, () => {
      if (response.writableLength > 0) this.#unsent.close();
    });
    this.#comments = setInterval(() => {
      if (this.ready) this.write(commentEvent);
    }, commentIntervalMs).unref();
  }

  write(frames: Buffer): boolean {
    const response = this.#response;
    if (response.destroyed || response.writableEnded) return true;
    this.open();
    response.write(frames);
    this.#count();
    // All streams are sent the same bytes, which nobody changes.
    return false;
  }

  hold(bytes: number): void {
    this.#heldBytes += bytes;
    this.#count();
  }

  onDrain(resume: () => void): void {
    const response = this.#response;
    if (response.destroyed) {
      queueMicrotask(resume);
      return;
    }
    const resumeOnce = () => {
      response.off('drain', resumeOnce);
      response.off('close', resumeOnce);
      resume();
    };
    response.on('drain', resumeOnce);
    response.on('close', resumeOnce);
  }

  onceGone(_id: string, release: () => void): () => void {
    const response = this.#response;
    if (response.destroyed) queueMicrotask(release);
    response.once('close', release);
    return () => void response.off('close', release);
  }

  /** Bytes below the high-water mark aren't counted: they were written in this turn, and are sent at its end. */
  #count(): void {
    const { writableNeedDrain, writableLength } = this.#response;
    this.#unsent.set(this.#heldBytes + (writableNeedDrain ? writableLength : 0));
  }

  /** Ends the stream. @param result the last result, as JSON, where there is one more */
  end(result: string | null): void {
    clearInterval(this.#comments);
    this.open();
    this.#response.end(result === null ? completeEvent : Buffer.concat([nextEvent(result), completeEvent]));
  }

  /** Ends the stream where its subscription doesn't end: clients connect again. */
  breakOff(): void {
    clearInterval(this.#comments);
    this.open();
    this.#response.end();
  }
}
