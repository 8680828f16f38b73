import type { SocketWriter } from './socketWriter.ts';

/** The first byte of a WebSocket text frame without continuation: FIN and opcode 1 (RFC 6455, 5.2). */
const textFrame = 0x81;

/** The text around an operation's id and a payload in a graphql-transport-ws `next` message. */
const beforeId = Buffer.from('{"id":');
const beforePayload = Buffer.from(',"type":"next","payload":');
const afterPayload = Buffer.from('}');
const around = beforeId.length + beforePayload.length + afterPayload.length;

/** Up to this length a loop is faster than a call of the runtime; ids are short, most are a UUID. */
const shortIdLength = 64;

/**
 * An operation's id as it stands in frames: JSON, one character for each byte of UTF-8. A string and not a buffer, since
 * thousands are read for each event: a string lies in memory in one piece, a buffer in three.
 */
export type FrameId = string & { readonly brand: 'FrameId' };

/** The frame form of an operation's id. */
export function frameId(id: string): FrameId {
  return Buffer.from(JSON.stringify(id)).toString('latin1') as FrameId;
}

/** Payload arrays are immutable: a cached buffer built from the same array may be reused. */
type Payloads = readonly { readonly text: Buffer }[];

/**
 * The frames of several `next` messages in one buffer, ready for the socket. Sockets differ only in the operation's id;
 * the payloads are the same for all. A server's frames aren't masked.
 */
export function frameAll(id: FrameId, payloads: Payloads): Buffer {
  let size = 0;
  for (const { text } of payloads) {
    const length = around + id.length + text.length;
    size += headerLength(length) + length;
  }
  const frames = Buffer.allocUnsafe(size);
  let offset = 0;
  for (const { text } of payloads) {
    offset = writeHeader(frames, offset, around + id.length + text.length);
    offset += beforeId.copy(frames, offset);
    offset += writeId(frames, offset, id);
    offset += beforePayload.copy(frames, offset);
    offset += text.copy(frames, offset);
    offset += afterPayload.copy(frames, offset);
  }
  return frames;
}

/** The offsets of the ids in the buffer of `frameAll`. */
function idStarts(id: FrameId, payloads: Payloads): number[] {
  let offset = 0;
  return payloads.map(({ text }) => {
    const length = around + id.length + text.length;
    const start = offset + headerLength(length) + beforeId.length;
    offset += headerLength(length) + length;
    return start;
  });
}

/** Writes payloads to many sockets, one after another. */
export interface FrameWriter {
  write(writer: Pick<SocketWriter, 'write'>, id: FrameId, payloads: Payloads): void;
}

/**
 * A writer that sends the same payloads to socket after socket from one buffer, in which only the operation's id changes:
 * the system copies faster from memory that is in the cache. A socket that doesn't take a buffer at once keeps it, and
 * the next socket gets a new one.
 */
export function createFrameWriter(): FrameWriter {
  let frames: Buffer | null = null;
  let written: Payloads | undefined;
  let idLength = 0;
  let starts: readonly number[] = [];
  return {
    write: (writer, id, payloads) => {
      if (frames !== null && payloads === written && id.length === idLength) {
        for (const start of starts) writeId(frames, start, id);
      } else {
        frames = frameAll(id, payloads);
        written = payloads;
        idLength = id.length;
        starts = idStarts(id, payloads);
      }
      if (!writer.write(frames)) frames = null;
    },
  };
}

/** Returns the number of bytes written. */
function writeId(frames: Buffer, offset: number, id: FrameId): number {
  if (id.length > shortIdLength) return frames.write(id, offset, 'latin1');
  for (let i = 0; i < id.length; i += 1) frames[offset + i] = id.charCodeAt(i);
  return id.length;
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
