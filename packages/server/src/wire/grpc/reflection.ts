import { type DescEnum, type DescFile, type DescMessage, type DescService, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import type { handleBidiStreamingCall } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import { decode, encode } from '../proto/codec.ts';
import type { MessageJson } from '../proto/messageJson.ts';
import type { Protocol } from '../proto/protocol.ts';

/** Answers the questions of server reflection, of either version: their messages are alike. */
export type Reflection = (question: MessageJson) => MessageJson;

/**
 * Serves the real descriptors. A file comes with those that it imports, itself first, for clients that look no further
 * than the first as well as for those that ask for no more.
 *
 * @param listed the services that are listed; each file can be asked for all the same
 */
export function createReflection(protocol: Protocol, listed: readonly string[]): Reflection {
  const files = new Map([...protocol.registry.files].map((file) => [file.proto.name, file]));
  const symbols = new Map(
    [...files.values()].flatMap((file) => symbolsOf(file).map((symbol) => [symbol, file] as const)),
  );
  const isMessage = (name: string) => protocol.registry.getMessage(name) !== undefined;

  function answerTo(question: MessageJson): MessageJson {
    const asked = Object.keys(question).find((name) => name !== 'host');
    const of = asked === undefined ? undefined : question[asked];
    switch (asked) {
      case 'list_services':
        return { list_services_response: { service: listed.map((name) => ({ name })) } };
      case 'file_by_filename':
        return fileResponse(files.get(String(of)), `file ${of}`);
      case 'file_containing_symbol':
        return fileResponse(symbols.get(String(of).replace(/^\./, '')), `symbol ${of}`);
      case 'all_extension_numbers_of_type':
        if (!isMessage(String(of))) return notFound(`message ${of}`);
        return { all_extension_numbers_response: { base_type_name: of, extension_number: [] } };
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

function fileResponse(file: DescFile | undefined, asked: string): MessageJson {
  if (!file) return notFound(asked);
  const encoded = withImports(file).map(({ proto }) =>
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

/** The full names of all that a file defines. */
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

/** An enum's values belong to the scope that the enum is in. */
function enumSymbols({ typeName, values }: DescEnum): string[] {
  const scope = typeName.slice(0, typeName.lastIndexOf('.'));
  return [typeName, ...values.map(({ name }) => `${scope}.${name}`)];
}

function serviceSymbols({ typeName, methods }: DescService): string[] {
  return [typeName, ...methods.map(({ name }) => `${typeName}.${name}`)];
}

/** One answer for each question of a stream, in their order. */
export function reflectionCall(service: DescService, reflect: Reflection): handleBidiStreamingCall<Buffer, Buffer> {
  const [method] = service.methods;
  if (!method) throw new Error(`${service.typeName} has no method`);
  return (call) => {
    call.on('data', (bytes: Buffer) => {
      call.write(
        encode(
          method.output,
          answerOrRefusal(() => reflect(decode(method.input, bytes))),
        ),
      );
    });
    call.on('end', () => call.end());
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
