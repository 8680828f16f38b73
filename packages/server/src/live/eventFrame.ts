import type { FrameWriter } from './frame.ts';

const beforePayload = Buffer.from('event: next\ndata: ');
const afterPayload = Buffer.from('\n\n');

/** A server-sent event with a result; JSON has no line breaks. */
export function nextEvent(payload: string | Buffer): Buffer {
  return Buffer.concat([beforePayload, Buffer.from(payload as Buffer), afterPayload]);
}

/** The event that says that a subscription has ended. */
export const completeEvent = Buffer.from('event: complete\ndata:\n\n');

/** A comment, which keeps a connection alive, and makes browsers see that it is open. */
export const commentEvent = Buffer.from(':\n\n');

/** Writes payloads as server-sent events: the same bytes to all streams. */
export function createEventFrameWriter(): FrameWriter {
  let written: Parameters<FrameWriter['write']>[2] | undefined;
  let events: Buffer = Buffer.alloc(0);
  return {
    write: (writer, _id, payloads) => {
      if (payloads !== written) {
        events = Buffer.concat(payloads.map(({ text }) => nextEvent(text)));
        written = payloads;
      }
      writer.write(events);
    },
  };
}
