import {
  create,
  createFileRegistry,
  type DescMessage,
  equals,
  type FileRegistry,
  fromBinary,
  fromJson,
  type JsonValue,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { type CallOptions, Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { loadProtocol } from '../src/wire/proto/protocol.ts';

/**
 * A client like the existing agents: without stubs of the services. Server reflection describes all of them, one
 * question a stream, and the client refuses to send a field that the server didn't describe.
 */
export interface ReflectionClient {
  /** The names of the services that reflection lists. */
  readonly services: readonly string[];
  /** A message as reflection described it. @throws Error where reflection described none of that name */
  message(fullName: string): DescMessage;
  /** Asks reflection one question. */
  ask(question: object): Promise<ReflectionAnswer>;
  /** Calls a method; answers as JSON, zero values included. Rejects with grpc-js's error. */
  call(service: string, method: string, request?: object, options?: CallSettings): Promise<Answer>;
  /** Reads the first `count` messages of a stream and cancels it; `onFirst` gets the first as soon as it arrives. */
  watch(
    service: string,
    method: string,
    request: object,
    count: number,
    onFirst?: (answer: Answer) => void,
  ): Promise<Answer[]>;
  close(): void;
}

/** The settings of one call: its metadata, and grpc-js's own options. */
interface CallSettings extends CallOptions {
  metadata?: Record<string, string>;
}

/** A message as JSON, by the names of the .proto files. */
export type Answer = Record<string, unknown>;

/** A ServerReflectionResponse as JSON; files are base64. */
interface ReflectionAnswer {
  original_request?: object;
  file_descriptor_response?: { file_descriptor_proto: string[] };
  all_extension_numbers_response?: { base_type_name: string; extension_number: number[] };
  list_services_response?: { service: { name: string }[] };
  error_response?: { error_code: number; error_message: string };
}

const same = (bytes: Buffer) => bytes;
const encode = (message: DescMessage, json: object) =>
  Buffer.from(toBinary(message, fromJson(message, json as JsonValue)));
const toAnswer = (message: DescMessage, bytes: Uint8Array) =>
  toJson(message, fromBinary(message, bytes), { useProtoFieldName: true, alwaysEmitImplicit: true }) as Answer;

/**
 * Connects, and asks for the description of every listed service.
 *
 * @param kept the files that the client has copies of, and doesn't ask for
 */
export async function openReflectionClient(
  address: string,
  version: 'v1' | 'v1alpha' = 'v1alpha',
  kept: readonly FileDescriptorProto[] = [],
): Promise<ReflectionClient> {
  const client = new Client(address, credentials.createInsecure());
  // The protocol of reflection itself is the only one that a client must know beforehand.
  const reflection = loadProtocol();
  const question = reflection.message(`grpc.reflection.${version}.ServerReflectionRequest`);
  const answer = reflection.message(`grpc.reflection.${version}.ServerReflectionResponse`);

  function ask(asked: object): Promise<ReflectionAnswer> {
    return new Promise((resolve, reject) => {
      const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
      const stream = client.makeBidiStreamRequest<Buffer, Buffer>(path, same, same, new Metadata());
      stream.on('data', (bytes: Buffer) =>
        resolve(toJson(answer, fromBinary(answer, bytes), { useProtoFieldName: true }) as ReflectionAnswer),
      );
      stream.on('error', reject);
      stream.write(encode(question, asked));
      stream.end();
    });
  }

  const listed = (await ask({ list_services: '' })).list_services_response?.service ?? [];
  const services = listed.map(({ name }) => name);
  const described = await describeAll(ask, services, kept);

  const messageNamed = (name: string) => {
    const message = described.getMessage(name);
    if (!message) throw new Error(`reflection describes no message ${name}`);
    return message;
  };
  const methodOf = (service: string, name: string) => {
    const method = described.getService(service)?.methods.find((each) => each.name === name);
    if (!method) throw new Error(`${service} describes no ${name}`);
    return method;
  };

  return {
    services,
    message: messageNamed,
    ask,
    call: async (service, method, request = {}, { metadata = {}, ...options } = {}) => {
      const { input, output } = methodOf(service, method);
      const bytes = encode(input, request);
      const sent = new Metadata();
      for (const [name, value] of Object.entries(metadata)) sent.set(name, value);
      return new Promise((resolve, reject) => {
        const done = (error: ServiceError | null, received?: Buffer) => {
          if (error || !received) reject(error);
          else resolve(toAnswer(output, received));
        };
        client.makeUnaryRequest(`/${service}/${method}`, same, same, bytes, sent, options, done);
      });
    },
    watch: (service, method, request, count, onFirst = () => {}) => {
      const { input, output } = methodOf(service, method);
      return new Promise((resolve, reject) => {
        const answers: Answer[] = [];
        const stream = client.makeServerStreamRequest(`/${service}/${method}`, same, same, encode(input, request));
        stream.on('data', (bytes: Buffer) => {
          const received = toAnswer(output, bytes);
          answers.push(received);
          if (answers.length === 1) onFirst(received);
          if (answers.length === count) stream.cancel();
        });
        stream.on('end', () => resolve(answers));
        stream.on('error', (error: Error) => {
          if (answers.length === count) resolve(answers);
          else reject(error);
        });
      });
    },
    close: () => client.close(),
  };
}

/**
 * Asks for the file of each service, and by its name for each file that another imports and that the client lacks. Like
 * Python's descriptor pool, it takes every file of an answer, and refuses a second one of a name with other bytes.
 */
async function describeAll(
  ask: ReflectionClient['ask'],
  services: readonly string[],
  kept: readonly FileDescriptorProto[],
): Promise<FileRegistry> {
  const files = new Map(kept.map((file) => [file.name, file]));
  const take = async (question: object): Promise<void> => {
    const { file_descriptor_response, error_response } = await ask(question);
    const answered = file_descriptor_response?.file_descriptor_proto ?? [];
    if (answered.length === 0) throw new Error(`${JSON.stringify(question)}: ${JSON.stringify(error_response)}`);
    const read = answered.map((bytes) => fromBinary(FileDescriptorProtoSchema, Buffer.from(bytes, 'base64')));
    for (const file of read) {
      const known = files.get(file.name);
      if (known && !equals(FileDescriptorProtoSchema, known, file)) {
        throw new Error(`${JSON.stringify(question)}: ${file.name} is known, and came with other bytes`);
      }
      files.set(file.name, file);
    }
    for (const imported of read.flatMap(({ dependency }) => dependency)) {
      if (!files.has(imported)) await take({ file_by_filename: imported });
    }
  };
  for (const service of services) await take({ file_containing_symbol: service });
  return createFileRegistry(create(FileDescriptorSetSchema, { file: importsFirst([...files.values()]) }));
}

/** Files in an order in which each comes after those that it imports. */
function importsFirst(files: readonly FileDescriptorProto[]): FileDescriptorProto[] {
  const imports = (file: FileDescriptorProto): FileDescriptorProto[] => [
    ...files.filter(({ name }) => file.dependency.includes(name)).flatMap(imports),
    file,
  ];
  return [...new Set(files.flatMap(imports))];
}
