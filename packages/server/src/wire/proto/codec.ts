import { type DescMessage, fromBinary, fromJson, type JsonValue, toBinary, toJson } from '@bufbuild/protobuf';
import { badUserInput } from '@muster/core';
import type { MessageJson } from './messageJson.ts';

/** Labels and tags are at most 100 levels deep, and each level of JSON is three of messages. */
const recursionLimit = 400;

/**
 * A message as JSON with the names of the .proto files. A field that has its type's zero value is left out: proto3 can't
 * tell the two apart. A list is there even if it is empty.
 *
 * @throws DomainError BAD_USER_INPUT for bytes that are no such message
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

/** The bytes of a message that is given as JSON; what it has no field for is left out. */
export function encode(desc: DescMessage, message: MessageJson): Buffer {
  const read = fromJson(desc, message as JsonValue, { ignoreUnknownFields: true, recursionLimit });
  return Buffer.from(toBinary(desc, read));
}
