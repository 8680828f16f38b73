import { clone, create } from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileOptionsSchema } from '@bufbuild/protobuf/wkt';
import { loadProtocol } from '../src/wire/proto/protocol.ts';

/** The fields of query.proto that the reference's older file lacks. */
const newer = ['lookup', 'add_fields'];

/**
 * The files that the console's gRPC client keeps: its own compiled copies of what the services import. They describe the
 * same messages in other bytes, and the older ones lack fields.
 */
export function consoleFiles(): FileDescriptorProto[] {
  const names = ['google/protobuf/empty.proto', 'google/protobuf/struct.proto', 'spaceone/api/core/v2/query.proto'];
  return loadProtocol()
    .files.filter(({ name }) => names.includes(name))
    .map((file) => {
      const own = clone(FileDescriptorProtoSchema, file);
      for (const message of own.messageType) message.field = message.field.filter(({ name }) => !newer.includes(name));
      own.options = create(FileOptionsSchema, { javaPackage: 'console' });
      return own;
    });
}
