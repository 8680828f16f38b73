import { readFileSync } from 'node:fs';
import {
  createFileRegistry,
  type DescMessage,
  type DescService,
  type FileRegistry,
  fromBinary,
} from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { commentsOf } from './comments.ts';

/** The descriptors of the files under packages/server/proto and of those that they import, which `generate` writes. */
const descriptorSet = new URL('../../generated/descriptors.binpb', import.meta.url);

/** The messages, services and comments of the .proto files. */
export interface Protocol {
  /** Each file after those that it imports. */
  readonly files: readonly FileDescriptorProto[];
  readonly registry: FileRegistry;
  /** @throws Error where no file defines the message. */
  message(fullName: string): DescMessage;
  /** @throws Error where no file defines the service. */
  service(fullName: string): DescService;
  /** The comment above a message, field, enum, value, service or method; undefined where there is none. */
  comment(fullName: string): string | undefined;
}

/** Reads the generated descriptors. @throws Error where they have not been generated */
export function loadProtocol(): Protocol {
  const set = fromBinary(FileDescriptorSetSchema, readFileSync(descriptorSet));
  const comments = new Map(set.file.flatMap(commentsOf));
  // Clients of reflection need no places in the source.
  for (const file of set.file) delete file.sourceCodeInfo;
  const registry = createFileRegistry(set);
  const found = <Found>(kind: string, name: string, desc: Found | undefined): Found => {
    if (desc === undefined) throw new Error(`no .proto file defines the ${kind} ${name}`);
    return desc;
  };
  return {
    files: set.file,
    registry,
    message: (name) => found('message', name, registry.getMessage(name)),
    service: (name) => found('service', name, registry.getService(name)),
    comment: (name) => comments.get(name),
  };
}
