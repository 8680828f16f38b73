import type { Outlet } from './outlet.ts';

/** A WebSocket text frame that says it is whole: FIN and opcode 1 (RFC 6455, 5.2). */
const textFrame = 0x81;

/** What goes around a payload. */
export interface Envelope {
  readonly before: Buffer;
  readonly after: Buffer;
}

/** Never changed once it is made: it may be written from a buffer of before. */
type Payloads = readonly { readonly text: Buffer }[];

const envelopeEnd = Buffer.from('}');

/** The envelope of a graphql-transport-ws `next` message of the operation `id`. */
export function nextEnvelope(id: string): Envelope {
  return {
    before: Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`),
    after: envelopeEnd,
  };
}

/**
 * The frames of several `next` messages, as they go over the wire, in one buffer: the payloads are shared by all
 * sockets, only the envelope is each one's own. A server's frames aren't masked.
 */
export function frameAll(envelope: Envelope, payloads: Payloads): Buffer {
  const around = envelope.before.length + envelope.after.length;
  let size = 0;
  for (const { text } of payloads) size += headerLength(around + text.length) + around + text.length;
  const frames = Buffer.allocUnsafe(size);
  let offset = 0;
  for (const { text } of payloads) {
    offset = writeHeader(frames, offset, around + text.length);
    offset += envelope.before.copy(frames, offset);
    offset += text.copy(frames, offset);
    offset += envelope.after.copy(frames, offset);
  }
  return frames;
}

/** Where the envelopes begin in `frameAll`'s buffer. */
function envelopeStarts(envelope: Envelope, payloads: Payloads): number[] {
  const around = envelope.before.length + envelope.after.length;
  let offset = 0;
  return payloads.map(({ text }) => {
    const start = offset + headerLength(around + text.length);
    offset = start + around + text.length;
    return start;
  });
}

/** Writes frames for many sockets in turn. */
export interface FrameWriter {
  write(outlet: Pick<Outlet, 'write'>, envelope: Envelope, payloads: Payloads): void;
}

/**
 * Writes the same payloads to socket after socket from one buffer, in which only the operation's id changes: memory that
 * is warm costs the system less to copy from. A socket that doesn't take a buffer at once keeps it; the next one gets
 * another.
 */
export function createFrameWriter(): FrameWriter {
  let frames: Buffer | null = null;
  let written: Payloads | undefined;
  let idLength = 0;
  let starts: readonly number[] = [];
  return {
    write: (outlet, envelope, payloads) => {
      const { before } = envelope;
      if (frames !== null && payloads === written && before.length === idLength) {
        for (const start of starts) frames.set(before, start);
      } else {
        frames = frameAll(envelope, payloads);
        written = payloads;
        idLength = before.length;
        starts = envelopeStarts(envelope, payloads);
      }
      if (!outlet.write(frames)) frames = null;
    },
  };
}

function headerLength(length: number): number {
  if (length < 126) return 2;
  return length < 65_536 ? 4 : 10;
}

function writeHeader(frames: Buffer, offset: number, length: number): number {
  frames[offset] = textFrame;
  if (length < 126) {
    frames[offset + 1] = length;
    return offset + 2;
  }
  if (length < 65_536) {
    frames[offset + 1] = 126;
    return frames.writeUInt16BE(length, offset + 2);
  }
  frames[offset + 1] = 127;
  return frames.writeBigUInt64BE(BigInt(length), offset + 2);
}
