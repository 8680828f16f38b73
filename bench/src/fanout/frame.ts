/** A whole WebSocket text frame, as a server sends it. */
export function textFrame(payload: Buffer): Buffer {
  const finalText = 0x81;
  if (payload.length < 126) return Buffer.concat([Buffer.from([finalText, payload.length]), payload]);
  if (payload.length > 0xffff) throw new RangeError(`expected at most 65,535 bytes; got ${payload.length}`);
  const head = Buffer.from([finalText, 126, 0, 0]);
  head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}
