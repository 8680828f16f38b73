import type { DescriptorProto, EnumDescriptorProto, FileDescriptorProto } from '@bufbuild/protobuf/wkt';

/**
 * The comments of a .proto file, by the full name of the message, field, enum, value, service or method that each
 * stands above. An enum's value is named within its enum. Line breaks are single blanks.
 */
export function commentsOf(file: FileDescriptorProto): [fullName: string, comment: string][] {
  const names = new Map(namedElements(file));
  const locations = file.sourceCodeInfo?.location ?? [];
  return locations.flatMap(({ path, leadingComments }): [string, string][] => {
    const name = names.get(path.join());
    return name === undefined || leadingComments === '' ? [] : [[name, oneLine(leadingComments)]];
  });
}

const oneLine = (comment: string) => comment.replace(/\s*\n\s*/g, ' ').trim();

/** An element's path, as source locations write it (field numbers and indexes of descriptor.proto), and its full name. */
type NamedElement = [path: string, fullName: string];

function namedElements({ package: scope, messageType, enumType, service }: FileDescriptorProto): NamedElement[] {
  return [
    ...messageType.flatMap((message, i) => namedInMessage(message, `4,${i}`, `${scope}.${message.name}`)),
    ...enumType.flatMap((type, i) => namedInEnum(type, `5,${i}`, `${scope}.${type.name}`)),
    ...service.flatMap(({ name, method }, i): NamedElement[] => [
      [`6,${i}`, `${scope}.${name}`],
      ...method.map((each, j): NamedElement => [`6,${i},2,${j}`, `${scope}.${name}.${each.name}`]),
    ]),
  ];
}

function namedInMessage({ field, nestedType, enumType }: DescriptorProto, path: string, name: string): NamedElement[] {
  return [
    [path, name],
    ...field.map((each, i): NamedElement => [`${path},2,${i}`, `${name}.${each.name}`]),
    ...nestedType.flatMap((nested, i) => namedInMessage(nested, `${path},3,${i}`, `${name}.${nested.name}`)),
    ...enumType.flatMap((type, i) => namedInEnum(type, `${path},4,${i}`, `${name}.${type.name}`)),
  ];
}

function namedInEnum({ value }: EnumDescriptorProto, path: string, name: string): NamedElement[] {
  return [[path, name], ...value.map((each, i): NamedElement => [`${path},2,${i}`, `${name}.${each.name}`])];
}
