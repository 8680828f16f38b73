import { readFileSync } from 'node:fs';
import { create, createFileRegistry, type DescMessage, type DescService, type FileRegistry } from '@bufbuild/protobuf';
import {
  type FileDescriptorProto,
  FileDescriptorSetSchema,
  file_google_protobuf_empty,
  file_google_protobuf_struct,
} from '@bufbuild/protobuf/wkt';
import { commentsOf, describeFile, type ParsedFile, parseProto, typesOf } from './protoFile.ts';

/** Our own, under packages/server/proto, by the names that they import each other by. */
const ownFiles = [
  'spaceone/api/core/v2/query.proto',
  'spaceone/api/plugin/v1/supervisor.proto',
  'spaceone/api/plugin/v1/plugin.proto',
  'grpc/health/v1/health.proto',
  'grpc/reflection/v1/reflection.proto',
  'grpc/reflection/v1alpha/reflection.proto',
];

const wellKnown = [file_google_protobuf_struct, file_google_protobuf_empty];

/** Everything that the .proto files say. */
export interface Protocol {
  /** Each file after those that it imports. */
  readonly files: readonly FileDescriptorProto[];
  readonly registry: FileRegistry;
  /** @throws Error where no file defines it. */
  message(fullName: string): DescMessage;
  /** @throws Error where no file defines it. */
  service(fullName: string): DescService;
  /** What the file says of a message, field, enum, value, service or method; undefined where it says nothing. */
  comment(fullName: string): string | undefined;
}

/** Reads the .proto files. */
export function loadProtocol(): Protocol {
  const parsed = ownFiles.map((name) =>
    parseProto(name, readFileSync(new URL(`../../../proto/${name}`, import.meta.url), 'utf8')),
  );
  const files = [...wellKnown.map(({ proto }) => proto), ...describeAll(parsed)];
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: files }));
  const comments = new Map(parsed.flatMap(commentsOf));
  const found = <Found>(kind: string, name: string, desc: Found | undefined): Found => {
    if (desc === undefined) throw new Error(`no .proto file defines the ${kind} ${name}`);
    return desc;
  };
  return {
    files,
    registry,
    message: (name) => found('message', name, registry.getMessage(name)),
    service: (name) => found('service', name, registry.getService(name)),
    comment: (name) => comments.get(name),
  };
}

function describeAll(parsed: readonly ParsedFile[]): FileDescriptorProto[] {
  const types = parsed.flatMap(typesOf);
  const enums = new Set(types.filter(({ isEnum }) => isEnum).map(({ fullName }) => fullName));
  const messages = new Set(types.filter(({ isEnum }) => !isEnum).map(({ fullName }) => fullName));
  // What is used of these is messages only.
  for (const { typeName } of wellKnown.flatMap((file) => file.messages)) messages.add(typeName);
  const known = { isMessage: (name: string) => messages.has(name), isEnum: (name: string) => enums.has(name) };
  return parsed.map((file) => describeFile(file, known));
}
