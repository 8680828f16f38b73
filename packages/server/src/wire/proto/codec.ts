import { type DescMessage, fromBinary, fromJson, type JsonValue, toBinary, toJson } from '@bufbuild/protobuf';
import { badUserInput } from '@muster/core';
import type { MessageJson } from './messageJson.ts';

/** Labels and tags have at most 100 levels of JSON, and a level of JSON is three levels of messages. */
const recursionLimit = 400;

/**
 * Decodes a message to JSON. A field with its type's zero value counts as left out, since proto3 can't tell the two apart;
 * an empty list is kept.
 *
 * @throws InputError for bytes that are no such message
 */
export function decode(desc: DescMessage, bytes: Uint8Array): MessageJson {
  try {
    const json = toJson(desc, fromBinary(desc, bytes, { recursionLimit }), { useProtoFieldName: true });
    const lists = desc.fields.filter(({ fieldKind }) => fieldKind === 'list').map(({ name }) => [name, []]);
    return { ...Object.fromEntries(lists), ...(json as MessageJson) };
  } catch {
    throw badUserInput(['message'], `expected a ${desc.typeName}; got ${bytes.length} bytes that are none`);
  }
}

/** Encodes a message that is given as JSON; ignores fields that the message lacks. */
export function encode(desc: DescMessage, message: MessageJson): Buffer {
  const read = fromJson(desc, message as JsonValue, { ignoreUnknownFields: true, recursionLimit });
  return Buffer.from(toBinary(desc, read));
}
