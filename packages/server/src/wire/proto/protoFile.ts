import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  type EnumDescriptorProto,
  EnumDescriptorProtoSchema,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  type FieldDescriptorProtoSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  type ServiceDescriptorProto,
  ServiceDescriptorProtoSchema,
} from '@bufbuild/protobuf/wkt';
import protobuf from 'protobufjs';

/** A .proto file as protobufjs reads it: names of types are still as they were written. */
export interface ParsedFile {
  readonly name: string;
  readonly package: string;
  readonly imports: readonly string[];
  readonly types: readonly protobuf.ReflectionObject[];
}

/** Reads proto3 source. `name` is what others import it by. */
export function parseProto(name: string, source: string): ParsedFile {
  const parsed = protobuf.parse(source, new protobuf.Root(), { keepCase: true, alternateCommentMode: true });
  const inPackage = parsed.root.lookup(parsed.package ?? '');
  if (!parsed.package || !(inPackage instanceof protobuf.Namespace)) throw new Error(`${name} has no package`);
  return { name, package: parsed.package, imports: parsed.imports ?? [], types: inPackage.nestedArray };
}

/** Everything in a file that has a name and, perhaps, a comment: `[full name, comment]`. */
export function commentsOf(file: ParsedFile): [string, string][] {
  return file.types.flatMap(commentsUnder);
}

function commentsUnder(object: protobuf.ReflectionObject): [string, string][] {
  const own: [string, string][] = object.comment ? [[fullNameOf(object), oneLine(object.comment)]] : [];
  if (object instanceof protobuf.Enum) {
    const values = Object.entries(object.comments).filter(([, comment]) => comment);
    return [
      ...own,
      ...values.map(([value, text]): [string, string] => [`${fullNameOf(object)}.${value}`, oneLine(text)]),
    ];
  }
  return [...own, ...innerOf(object).flatMap(commentsUnder)];
}

function innerOf(object: protobuf.ReflectionObject): protobuf.ReflectionObject[] {
  if (object instanceof protobuf.Type) return [...object.fieldsArray, ...object.nestedArray];
  return object instanceof protobuf.Service ? object.methodsArray : [];
}

const oneLine = (comment: string) => comment.replace(/\s*\n\s*/g, ' ').trim();
const fullNameOf = (object: protobuf.ReflectionObject) => object.fullName.slice(1);

/** The messages and enums of a file. */
export function typesOf(file: ParsedFile): { fullName: string; isEnum: boolean }[] {
  const under = (object: protobuf.ReflectionObject): { fullName: string; isEnum: boolean }[] => {
    if (object instanceof protobuf.Enum) return [{ fullName: fullNameOf(object), isEnum: true }];
    if (!(object instanceof protobuf.Type)) return [];
    return [{ fullName: fullNameOf(object), isEnum: false }, ...object.nestedArray.flatMap(under)];
  };
  return file.types.flatMap(under);
}

/** What a type's name can stand for, in this file and in those that it imports. */
export interface KnownTypes {
  isMessage(fullName: string): boolean;
  isEnum(fullName: string): boolean;
}

/**
 * The file's descriptor, as protoc makes it, but for the places in the source. protobufjs's own descriptors lack the
 * imports and the JSON names, which reflection clients need. Maps, extensions and options are not covered.
 */
export function describeFile(file: ParsedFile, known: KnownTypes): FileDescriptorProto {
  return create(FileDescriptorProtoSchema, {
    name: file.name,
    package: file.package,
    dependency: [...file.imports],
    syntax: 'proto3',
    messageType: file.types.filter(isType).map((type) => describeMessage(type, known)),
    enumType: file.types.filter(isEnum).map(describeEnum),
    service: file.types.filter(isService).map((service) => describeService(service, known)),
  });
}

const isType = (object: protobuf.ReflectionObject) => object instanceof protobuf.Type;
const isEnum = (object: protobuf.ReflectionObject) => object instanceof protobuf.Enum;
const isService = (object: protobuf.ReflectionObject) => object instanceof protobuf.Service;

function describeMessage(type: protobuf.Type, known: KnownTypes): DescriptorProto {
  return create(DescriptorProtoSchema, {
    name: type.name,
    field: type.fieldsArray.map((field) => describeField(field, type, known)),
    oneofDecl: type.oneofsArray.map(({ name }) => ({ name })),
    nestedType: type.nestedArray.filter(isType).map((nested) => describeMessage(nested, known)),
    enumType: type.nestedArray.filter(isEnum).map(describeEnum),
  });
}

const scalarTypes: Readonly<Record<string, FieldDescriptorProto_Type>> = {
  string: FieldDescriptorProto_Type.STRING,
  bytes: FieldDescriptorProto_Type.BYTES,
  bool: FieldDescriptorProto_Type.BOOL,
  int32: FieldDescriptorProto_Type.INT32,
  uint32: FieldDescriptorProto_Type.UINT32,
};

function describeField(
  field: protobuf.Field,
  parent: protobuf.Type,
  known: KnownTypes,
): MessageInitShape<typeof FieldDescriptorProtoSchema> {
  const scalar = scalarTypes[field.type];
  return {
    name: field.name,
    number: field.id,
    label: field.repeated ? FieldDescriptorProto_Label.REPEATED : FieldDescriptorProto_Label.OPTIONAL,
    jsonName: field.name.replace(/_+(.?)/g, (_, letter: string) => letter.toUpperCase()),
    ...(field.partOf ? { oneofIndex: parent.oneofsArray.indexOf(field.partOf) } : {}),
    ...(scalar === undefined ? describeType(field.type, fullNameOf(parent), known) : { type: scalar }),
  };
}

function describeType(name: string, scope: string, known: KnownTypes) {
  const fullName = resolve(name, scope, known);
  const type = known.isEnum(fullName) ? FieldDescriptorProto_Type.ENUM : FieldDescriptorProto_Type.MESSAGE;
  return { type, typeName: `.${fullName}` };
}

/** A name is looked for in its own scope first, then in each one further out. */
function resolve(name: string, scope: string, known: KnownTypes): string {
  const outer = scope.split('.');
  for (let depth = outer.length; depth >= 0; depth--) {
    const fullName = [...outer.slice(0, depth), name].join('.');
    if (known.isMessage(fullName) || known.isEnum(fullName)) return fullName;
  }
  throw new Error(`${scope} uses ${name}, which no file defines`);
}

function describeEnum(type: protobuf.Enum): EnumDescriptorProto {
  const value = Object.entries(type.values).map(([name, number]) => ({ name, number }));
  return create(EnumDescriptorProtoSchema, { name: type.name, value });
}

function describeService(service: protobuf.Service, known: KnownTypes): ServiceDescriptorProto {
  const scope = fullNameOf(service);
  return create(ServiceDescriptorProtoSchema, {
    name: service.name,
    method: service.methodsArray.map((method) => ({
      name: method.name,
      inputType: `.${resolve(method.requestType, scope, known)}`,
      outputType: `.${resolve(method.responseType, scope, known)}`,
      ...(method.requestStream ? { clientStreaming: true } : {}),
      ...(method.responseStream ? { serverStreaming: true } : {}),
    })),
  });
}
