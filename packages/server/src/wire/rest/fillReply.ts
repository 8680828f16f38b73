import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import type { MessageJson } from '../proto/messageJson.ts';

/**
 * A reply with every field of its message, so that clients are typed without a doubt: what an answer lacks has the zero value
 * of its type, as it has over gRPC.
 */
export function fillReply(desc: DescMessage, answer: MessageJson): MessageJson {
  // Those of Google are the JSON that they stand for.
  if (desc.file.proto.package === 'google.protobuf') return answer;
  return Object.fromEntries(desc.fields.map((field) => [field.name, filled(field, answer[field.name])]));
}

function filled(field: DescField, value: unknown): unknown {
  if (value === undefined) return zeroOf(field);
  const { message } = field;
  if (!message || typeof value !== 'object' || value === null) return value;
  return Array.isArray(value)
    ? value.map((each: MessageJson) => fillReply(message, each))
    : fillReply(message, value as MessageJson);
}

function zeroOf(field: DescField): unknown {
  switch (field.fieldKind) {
    case 'list':
      return [];
    case 'enum':
      return field.enum.values[0]?.name;
    case 'scalar':
      return field.scalar === ScalarType.STRING ? '' : field.scalar === ScalarType.BOOL ? false : 0;
    default:
      return {};
  }
}
