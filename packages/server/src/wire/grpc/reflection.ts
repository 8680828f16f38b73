import { type DescEnum, type DescFile, type DescMessage, type DescService, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import type { handleBidiStreamingCall } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import { decode, encode } from '../proto/codec.ts';
import type { MessageJson } from '../proto/messageJson.ts';
import type { Protocol } from '../proto/protocol.ts';
import type { AnonymousCalls } from './anonymousCalls.ts';

/** Answers one question of server reflection. The messages of both versions, v1 and v1alpha, are alike. */
export type Reflection = (question: MessageJson) => MessageJson;

/** The versions of the protocol of reflection. */
export const reflectionVersions = ['v1', 'v1alpha'] as const;
type ReflectionVersion = (typeof reflectionVersions)[number];

/**
 * How many files each version answers a question about a file with. Clients of `v1alpha` ask for each file that they lack: those
 * that keep copies of the imports refuse another of the same name, such as a second `google/protobuf/empty.proto`. Clients of
 * `v1` get the file with the files that it imports, itself first, and need ask no further.
 */
const filesWith: Readonly<Record<ReflectionVersion, (file: DescFile) => readonly DescFile[]>> = {
  v1: withImports,
  v1alpha: (file) => [file],
};

/**
 * Answers from the generated descriptors.
 *
 * Written by hand: `@grpc/reflection` serves the descriptors of proto-loader, in which a package is one file under a name
 * made from the package's, without imports (grpc-node issue 3018). Existing agents ask for one file after another, by the
 * names by which the files under `proto/` import each other.
 *
 * @param listed the services that are listed; the file of any other service can still be asked for
 */
export function createReflection(
  protocol: Protocol,
  listed: readonly string[],
  version: ReflectionVersion,
): Reflection {
  const answered = filesWith[version];
  const files = new Map([...protocol.registry.files].map((file) => [file.proto.name, file]));
  const symbols = new Map(
    [...files.values()].flatMap((file) => symbolsOf(file).map((symbol) => [symbol, file] as const)),
  );
  const isMessage = (name: string) => protocol.registry.getMessage(name) !== undefined;

  function answerTo(question: MessageJson): MessageJson {
    const kind = Object.keys(question).find((name) => name !== 'host');
    const subject = kind === undefined ? undefined : question[kind];
    switch (kind) {
      case 'list_services':
        return { list_services_response: { service: listed.map((name) => ({ name })) } };
      case 'file_by_filename':
        return fileResponse(files.get(String(subject)), answered, `file ${subject}`);
      case 'file_containing_symbol':
        return fileResponse(symbols.get(String(subject).replace(/^\./, '')), answered, `symbol ${subject}`);
      case 'all_extension_numbers_of_type':
        if (!isMessage(String(subject))) return notFound(`message ${subject}`);
        return { all_extension_numbers_response: { base_type_name: subject, extension_number: [] } };
      case 'file_containing_extension':
        return notFound('such extension: there are none');
      default:
        return failure(status.INVALID_ARGUMENT, 'expected a question; got none');
    }
  }
  return (question) => ({
    valid_host: question.host ?? '',
    original_request: question,
    ...answerTo(question),
  });
}

function fileResponse(
  file: DescFile | undefined,
  answered: (file: DescFile) => readonly DescFile[],
  asked: string,
): MessageJson {
  if (!file) return notFound(asked);
  const encoded = answered(file).map(({ proto }) =>
    Buffer.from(toBinary(FileDescriptorProtoSchema, proto)).toString('base64'),
  );
  return { file_descriptor_response: { file_descriptor_proto: encoded } };
}

function withImports(file: DescFile): DescFile[] {
  return [...new Set([file, ...file.dependencies.flatMap(withImports)])];
}

const notFound = (what: string) => failure(status.NOT_FOUND, `no ${what.slice(0, 300)}`);

function failure(code: status, message: string): MessageJson {
  return { error_response: { error_code: code, error_message: message } };
}

/** The full names of everything that a file defines. */
function symbolsOf(file: DescFile): string[] {
  return [
    ...file.messages.flatMap(messageSymbols),
    ...file.enums.flatMap(enumSymbols),
    ...file.services.flatMap(serviceSymbols),
  ];
}

function messageSymbols(message: DescMessage): string[] {
  const members = [...message.fields, ...message.oneofs].map(({ name }) => `${message.typeName}.${name}`);
  const nested = [...message.nestedMessages.flatMap(messageSymbols), ...message.nestedEnums.flatMap(enumSymbols)];
  return [message.typeName, ...members, ...nested];
}

/** An enum's values belong to the scope around the enum. */
function enumSymbols({ typeName, values }: DescEnum): string[] {
  const scope = typeName.slice(0, typeName.lastIndexOf('.'));
  return [typeName, ...values.map(({ name }) => `${scope}.${name}`)];
}

function serviceSymbols({ typeName, methods }: DescService): string[] {
  return [typeName, ...methods.map(({ name }) => `${typeName}.${name}`)];
}

/**
 * Answers each question of a stream, in their order. A client that reads no answers is asked for no further question.
 *
 * @param bounds the bounds of calls without a credential
 */
export function reflectionCall(
  service: DescService,
  reflect: Reflection,
  bounds: AnonymousCalls,
): handleBidiStreamingCall<Buffer, Buffer> {
  const [method] = service.methods;
  if (!method) throw new Error(`${service.typeName} has no method`);
  return (call) => {
    let isRefused = false;
    call.on('data', (bytes: Buffer) => {
      if (isRefused) return;
      const refusal = bounds.refusalOf(call);
      if (refusal) {
        isRefused = true;
        return void refusal.then((status) => call.emit('error', status));
      }
      const answer = answerOrRefusal(() => reflect(decode(method.input, bytes)));
      if (!call.write(encode(method.output, answer))) call.pause();
    });
    call.on('drain', () => call.resume());
    call.on('end', () => {
      if (!isRefused) call.end();
    });
    // The client went away.
    call.on('error', () => {});
  };
}

function answerOrRefusal(answer: () => MessageJson): MessageJson {
  try {
    return answer();
  } catch {
    return failure(status.INVALID_ARGUMENT, 'expected a ServerReflectionRequest; got bytes that are none');
  }
}
