import { type CallOptions, Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { parse, type ReflectionObject, Root, type Service, type Type } from 'protobufjs';
import 'protobufjs/ext/descriptor/index.js';

/**
 * A client as existing agents are: without stubs of the services. All that it knows of them it gets from server
 * reflection, one question a stream, and it refuses to send a field that the server didn't describe.
 */
export interface ReflectionClient {
  /** What reflection lists. */
  readonly services: readonly string[];
  /** Every type that reflection described. */
  lookup(fullName: string): ReflectionObject | null;
  /** One question, and the server's answer. */
  ask(question: object): Promise<ReflectionAnswer>;
  /** Calls a method; answers as JSON, with every field of the message. Rejects with grpc-js's error. */
  call(service: string, method: string, request?: object, options?: CallSettings): Promise<Answer>;
  /** The first `count` messages of a stream, after which it is cancelled; `onFirst` is told the first as it comes. */
  watch(
    service: string,
    method: string,
    request: object,
    count: number,
    onFirst?: (answer: Answer) => void,
  ): Promise<Answer[]>;
  /** A message's JSON as `call` would answer it: with every field. */
  fill(message: string, json: object): Answer;
  close(): void;
}

export interface CallSettings extends CallOptions {
  metadata?: Record<string, string>;
}

export type Answer = Record<string, unknown>;

export interface ReflectionAnswer {
  original_request?: object;
  file_descriptor_response?: { file_descriptor_proto: Uint8Array[] };
  all_extension_numbers_response?: { base_type_name: string; extension_number: number[] };
  list_services_response?: { service: { name: string }[] };
  error_response?: { error_code: number; error_message: string };
}

/** The protocol of reflection itself is the one thing that a client must know beforehand. */
const protocol = (version: string) => `
  syntax = "proto3";
  package grpc.reflection.${version};
  message Request {
    string host = 1;
    oneof question {
      string file_by_filename = 3;
      string file_containing_symbol = 4;
      Extension file_containing_extension = 5;
      string all_extension_numbers_of_type = 6;
      string list_services = 7;
    }
  }
  message Extension { string containing_type = 1; int32 extension_number = 2; }
  message Answer {
    string valid_host = 1;
    Request original_request = 2;
    oneof answer {
      Files file_descriptor_response = 4;
      Numbers all_extension_numbers_response = 5;
      Services list_services_response = 6;
      Failure error_response = 7;
    }
  }
  message Files { repeated bytes file_descriptor_proto = 1; }
  message Numbers { string base_type_name = 1; repeated int32 extension_number = 2; }
  message Services { repeated Named service = 1; }
  message Named { string name = 1; }
  message Failure { int32 error_code = 1; string error_message = 2; }`;

/** A descriptor, as far as its imports are read from it. */
interface FileDescriptor {
  name: string;
  dependency: string[];
}

const same = (bytes: Buffer) => bytes;

/** Connects, and asks for everything that is listed. */
export async function openReflectionClient(
  address: string,
  version: 'v1' | 'v1alpha' = 'v1alpha',
): Promise<ReflectionClient> {
  const client = new Client(address, credentials.createInsecure());
  const root = parse(protocol(version), { keepCase: true }).root;
  const [Request, Answer] = ['Request', 'Answer'].map((name) => root.lookupType(`grpc.reflection.${version}.${name}`));

  function ask(question: object): Promise<ReflectionAnswer> {
    return new Promise((resolve, reject) => {
      const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
      const stream = client.makeBidiStreamRequest<Buffer, Buffer>(path, same, same, new Metadata());
      stream.on('data', (bytes: Buffer) => resolve((Answer as Type).decode(bytes).toJSON() as ReflectionAnswer));
      stream.on('error', reject);
      stream.write(Buffer.from((Request as Type).encode((Request as Type).create(question)).finish()));
      stream.end();
    });
  }

  const listed = (await ask({ list_services: '' })).list_services_response?.service ?? [];
  const services = listed.map(({ name }) => name);
  const described = await describeAll(ask, services);

  const methodOf = (service: string, name: string) => {
    const method = (described.lookup(service) as Service).methods[name];
    if (!method) throw new Error(`${service} describes no ${name}`);
    method.resolve();
    return { input: method.resolvedRequestType as Type, output: method.resolvedResponseType as Type };
  };

  function encode(type: Type, request: object): Buffer {
    const unknown = undescribed(type, request);
    if (unknown) throw new Error(`${type.fullName} describes no field ${unknown}`);
    return Buffer.from(type.encode(type.fromObject(request)).finish());
  }

  return {
    services,
    lookup: (fullName) => described.lookup(fullName),
    ask,
    call: (service, method, request = {}, { metadata = {}, ...options } = {}) => {
      const { input, output } = methodOf(service, method);
      const sent = new Metadata();
      for (const [name, value] of Object.entries(metadata)) sent.set(name, value);
      return new Promise((resolve, reject) => {
        const done = (error: ServiceError | null, bytes?: Buffer) => {
          if (error || !bytes) reject(error);
          else resolve(toAnswer(output, bytes));
        };
        client.makeUnaryRequest(`/${service}/${method}`, same, same, encode(input, request), sent, options, done);
      });
    },
    watch: (service, method, request, count, onFirst = () => {}) => {
      const { input, output } = methodOf(service, method);
      return new Promise((resolve, reject) => {
        const answers: Answer[] = [];
        const stream = client.makeServerStreamRequest(`/${service}/${method}`, same, same, encode(input, request));
        stream.on('data', (bytes: Buffer) => {
          const answer = toAnswer(output, bytes);
          answers.push(answer);
          if (answers.length === 1) onFirst(answer);
          if (answers.length === count) stream.cancel();
        });
        stream.on('end', () => resolve(answers));
        stream.on('error', (error: Error) => {
          if (answers.length === count) resolve(answers);
          else reject(error);
        });
      });
    },
    fill: (message, json) => {
      const type = described.lookupType(message);
      return toAnswer(type, Buffer.from(type.encode(type.fromObject(json)).finish()));
    },
    close: () => client.close(),
  };
}

const toAnswer = (type: Type, bytes: Buffer) =>
  type.toObject(type.decode(bytes), { enums: String, defaults: true, arrays: true, bytes: String }) as Answer;

/** The first field of a request that the message doesn't have. */
function undescribed(type: Type, request: object): string | undefined {
  return Object.keys(request).find((name) => !Object.hasOwn(type.fields, name));
}

/** Asks for the file of each service, and for each file that one imports, by its name. */
async function describeAll(ask: ReflectionClient['ask'], services: readonly string[]): Promise<Root> {
  const FileDescriptorProto = (await import('protobufjs/ext/descriptor/index.js')).default.FileDescriptorProto as Type;
  const files = new Map<string, Buffer>();
  const take = async (question: object): Promise<void> => {
    const answer = await ask(question);
    const [bytes] = answer.file_descriptor_response?.file_descriptor_proto ?? [];
    if (!bytes) throw new Error(`${JSON.stringify(question)}: ${JSON.stringify(answer.error_response)}`);
    const file = Buffer.from(String(bytes), 'base64');
    const { name, dependency } = FileDescriptorProto.decode(file) as unknown as FileDescriptor;
    if (files.has(name)) return;
    files.set(name, file);
    for (const imported of dependency) await take({ file_by_filename: imported });
  };
  for (const service of services) await take({ file_containing_symbol: service });
  const set = { file: [...files.values()].map((bytes) => FileDescriptorProto.decode(bytes)) };
  const fromDescriptor = (Root as unknown as { fromDescriptor(files: object): Root }).fromDescriptor;
  const root = fromDescriptor(set);
  root.resolveAll();
  return root;
}

/** A google.protobuf.Struct of flat JSON, as a client sees it that takes a map for a list of entries. */
export function struct(json: Readonly<Record<string, string | number | boolean>>): object {
  return { fields: Object.entries(json).map(([key, plain]) => ({ key, value: value(plain) })) };
}

/** A google.protobuf.Value. */
export function value(plain: string | number | boolean): object {
  if (typeof plain === 'string') return { string_value: plain };
  return typeof plain === 'number' ? { number_value: plain } : { bool_value: plain };
}
