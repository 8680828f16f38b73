/** The part of protobuf's encoding that the two requests of this bench and their answers need; see packages/server/proto. */

/** Encodes a string field. */
export function text(field: number, value: string): Buffer {
  return nested(field, Buffer.from(value));
}

/** Encodes a field whose content is bytes, such as a message. */
export function nested(field: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([varint((field << 3) | 2), varint(content.length), content]);
}

/** Encodes a field that is a whole number or an enum. */
export function whole(field: number, value: number): Buffer {
  return Buffer.concat([varint(field << 3), varint(value)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
}

/** Parses the top level of a message: bytes of length-delimited fields and values of whole numbers, by field. */
export function parseFields(message: Buffer): Map<number, (Buffer | number)[]> {
  const fields = new Map<number, (Buffer | number)[]>();
  let offset = 0;
  const next = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message.readUInt8(offset++);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (offset < message.length) {
    const tag = next();
    const value = next();
    const isNested = (tag & 7) === 2;
    const content = isNested ? message.subarray(offset, offset + value) : value;
    if (isNested) offset += value;
    fields.set(tag >>> 3, [...(fields.get(tag >>> 3) ?? []), content]);
  }
  return fields;
}
