/** A WebSocket text frame that says it is whole: FIN and opcode 1 (RFC 6455, 5.2). */
const textFrame = 0x81;

/** What goes around a payload in a graphql-transport-ws `next` message of the operation `id`. */
export function nextEnvelope(id: string): { before: Buffer; after: Buffer } {
  return {
    before: Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`),
    after: Buffer.from('}'),
  };
}

/**
 * The frames of several `next` messages, as they go over the wire, in one buffer: the payloads are shared by all
 * sockets, only the envelope is each one's own. A server's frames aren't masked.
 */
export function frameAll(envelope: { before: Buffer; after: Buffer }, payloads: readonly { text: Buffer }[]): Buffer {
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
