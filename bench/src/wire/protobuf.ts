// Just enough of protobuf's encoding for the two requests of this bench and their answers; see packages/server/proto.

/** A field of text. */
export function text(field: number, value: string): Buffer {
  return nested(field, Buffer.from(value));
}

/** A field of a message, whose encoded fields are `parts`. */
export function nested(field: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([varint((field << 3) | 2), varint(content.length), content]);
}

/** A field of a whole number from 0 up. */
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

/** The fields of a message by number: the bytes of texts and messages, and whole numbers. */
export function fieldsOf(message: Buffer): Map<number, (Buffer | number)[]> {
  const fields = new Map<number, (Buffer | number)[]>();
  let place = 0;
  const next = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message.readUInt8(place++);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (place < message.length) {
    const tag = next();
    const value = next();
    const isNested = (tag & 7) === 2;
    const content = isNested ? message.subarray(place, place + value) : value;
    if (isNested) place += value;
    fields.set(tag >>> 3, [...(fields.get(tag >>> 3) ?? []), content]);
  }
  return fields;
}
