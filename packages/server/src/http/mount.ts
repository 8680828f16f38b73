import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Client } from '../security/authentication.ts';

/** A part of the server that answers all requests below a path. */
export interface Mount {
  /** The beginning of the paths, with a slash at each end. */
  readonly prefix: string;
  /** Answers a request; rejects with nothing that its client is to blame for. */
  answer(request: IncomingMessage, response: ServerResponse, client: Client): Promise<void>;
  /** Refuses a request in the form of its answers. */
  refuse(response: ServerResponse, error: unknown): void;
}
