import { type DescMessage, fromJson, type JsonValue, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { ListValueSchema, StructSchema, ValueSchema } from '@bufbuild/protobuf/wkt';
import type { TakeTurn } from '../../limits/turnsOf.ts';
import { encode } from './codec.ts';
import type { MessageJson } from './messageJson.ts';

/** Values of a Struct that are encoded in one go. */
const valuesAtOnce = 500;

/** The key and the value of an entry of `Struct.fields`: those of every map. */
const entryFields = { key: 1, value: 2 };

/**
 * Encodes an answer as `encode` does, but its list of results part by part, so that other work has its turn in between
 * (W3): a MiB of labels takes some 50 ms.
 */
export async function encodeInTurns(desc: DescMessage, message: MessageJson, takeTurn: TakeTurn): Promise<Buffer> {
  const { results, ...others } = message;
  if (!Array.isArray(results)) return encode(desc, message);
  if (desc.typeName === StructSchema.typeName) return encodeStruct(message, takeTurn);
  const parts: Buffer[] = [];
  // Parts of a message that stand one after another are the message.
  for (const result of results) {
    parts.push(encode(desc, { results: [result] }));
    await takeTurn();
  }
  return Buffer.concat([...parts, encode(desc, others)]);
}

async function encodeStruct(object: MessageJson, takeTurn: TakeTurn): Promise<Buffer> {
  const { fields } = StructSchema.field;
  const members: Uint8Array[] = [];
  for (const [key, value] of Object.entries(object)) {
    const entry = [lengthDelimited(entryFields.key, Buffer.from(key))];
    entry.push(lengthDelimited(entryFields.value, await encodeValue(value, takeTurn)));
    members.push(lengthDelimited(fields.number, Buffer.concat(entry)));
  }
  return Buffer.concat(members);
}

async function encodeValue(json: unknown, takeTurn: TakeTurn): Promise<Uint8Array> {
  if (typeof json !== 'object' || json === null || !hasMoreValues(json, valuesAtOnce)) {
    const encoded = toBinary(ValueSchema, fromJson(ValueSchema, json as JsonValue));
    await takeTurn();
    return encoded;
  }
  const { structValue, listValue } = ValueSchema.field;
  if (!Array.isArray(json))
    return lengthDelimited(structValue.number, await encodeStruct(json as MessageJson, takeTurn));
  const { values } = ListValueSchema.field;
  const items: Uint8Array[] = [];
  for (const item of json) items.push(lengthDelimited(values.number, await encodeValue(item, takeTurn)));
  return lengthDelimited(listValue.number, Buffer.concat(items));
}

function lengthDelimited(fieldNumber: number, bytes: Uint8Array): Uint8Array {
  return new BinaryWriter().tag(fieldNumber, WireType.LengthDelimited).bytes(bytes).finish();
}

/** Whether a value holds more values than `most`; looks at no more of them. */
function hasMoreValues(json: object, most: number): boolean {
  let left = most;
  const isPast = (value: unknown): boolean => {
    left -= 1;
    if (left < 0) return true;
    return typeof value === 'object' && value !== null && Object.values(value).some(isPast);
  };
  return Object.values(json).some(isPast);
}
