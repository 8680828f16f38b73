import type { EventEmitter } from 'node:events';
import type { DescService } from '@bufbuild/protobuf';
import type {
  handleUnaryCall,
  Metadata,
  MethodDefinition,
  ServerUnaryCall,
  ServiceDefinition,
  sendUnaryData,
} from '@grpc/grpc-js';
import type { ErrorCode, Pacer, Viewer } from '@muster/core';
import type { GraphQLError } from 'graphql';
import { tooFarBehind } from '../../errors/refusals.ts';
import type { Caller } from '../../limits/caller.ts';
import { chargeBytes, type RateLimiter } from '../../limits/rateLimiter.ts';
import { turnsOf } from '../../limits/turnsOf.ts';
import type { Authentication, Client } from '../../security/authentication.ts';
import { tokenOf } from '../../security/bearerToken.ts';
import type { RefusalPace } from '../../security/refusalPace.ts';
import type { CallMethod } from '../methods/callMethod.ts';
import type { Method } from '../methods/methods.ts';
import { RequiredParameter } from '../methods/requiredParameter.ts';
import { decode } from '../proto/codec.ts';
import { encodeInTurns } from '../proto/encodeInTurns.ts';
import type { CallBytes } from './callBytes.ts';
import { type CallRefusal, callRefusal, unimplemented } from './grpcStatus.ts';

/** A service's definition for grpc-js, to which its messages are bytes. */
export function definitionOf(service: DescService): ServiceDefinition {
  const same = (bytes: Buffer) => bytes;
  const methods = service.methods.map((method): [string, MethodDefinition<Buffer, Buffer>] => [
    method.name,
    {
      path: `/${service.typeName}/${method.name}`,
      requestStream: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
      responseStream: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    },
  ]);
  return Object.fromEntries(methods);
}

/** The parts of a call that say whom it is from, and whether that one still waits. */
export interface CallPeer extends Pick<EventEmitter, 'once' | 'off'> {
  readonly metadata: Metadata;
  readonly cancelled: boolean;
  getPeer(): string;
}

type UnaryCall = ServerUnaryCall<Buffer, Buffer>;

/** The parts of the server that a call needs. */
export interface CallOptions {
  callMethod: CallMethod;
  authentication: Authentication;
  rateLimiter: Pick<RateLimiter, 'consume' | 'charge'>;
  refusals: RefusalPace;
  /** Turns any error into the error that a client may read. */
  mask(error: unknown): GraphQLError;
  clientOf(call: CallPeer): Client;
  callBytes: Pick<CallBytes, 'assign'>;
  /** Divides the encoding of answers into turns of the event loop. */
  pacer: Pacer;
}

/** The handlers of a service's methods, as many as its descriptor has. */
export function callsOf(
  service: DescService,
  methods: readonly Method[],
  options: CallOptions,
): Record<string, handleUnaryCall<Buffer, Buffer>> {
  return Object.fromEntries(
    service.methods.map(({ name, input, output }) => {
      const method = methods.find((each) => each.name === name);
      if (!method?.handle) return [name, notServed(name)];
      const answer = async (call: UnaryCall, asker: Asker) => {
        const { authentication, clientOf } = options;
        const viewer = await authentication.authenticate(clientOf(call), tokenOfMetadata(call.metadata));
        asker.viewer = viewer;
        const isBehind = options.callBytes.assign(call.metadata, viewer);
        const requireRead = () => {
          if (isBehind()) throw tooFarBehind(viewer);
        };
        requireRead();
        options.rateLimiter.consume(viewer);
        chargeBytes(options.rateLimiter, viewer, call.request.length);
        const request = decode(input, call.request);
        const answer = await options.callMethod(method, viewer, request, callerOfCall(call, requireRead));
        return encodeInTurns(output, answer, turnsOf(options.pacer, viewer));
      };
      return [name, unary(answer, options)];
    }),
  );
}

/** Who calls, once a credential has shown it. */
interface Asker {
  viewer?: Viewer;
}

function unary(
  answer: (call: UnaryCall, asker: Asker) => Promise<Buffer>,
  options: RefusalOptions,
): handleUnaryCall<Buffer, Buffer> {
  return (call, callback) => {
    const asker: Asker = {};
    answer(call, asker).then(
      (bytes) => callback(null, bytes),
      (error: unknown) => void refusalOf(error, call, options, asker.viewer).then(callback),
    );
  };
}

/** The client of a call, which says for how long it waits. */
function callerOfCall(call: UnaryCall, requireRead: () => void): Caller {
  const deadline = call.getDeadline();
  const deadlineMs = deadline instanceof Date ? deadline.getTime() : deadline;
  return {
    mayStart: () => {
      requireRead();
      return undefined;
    },
    timeoutMs: Number.isFinite(deadlineMs) ? deadlineMs - Date.now() : undefined,
    ...goingOf(call),
  };
}

function goingOf(call: CallPeer): Pick<Caller, 'onGone'> {
  return {
    onGone: (listener) => {
      if (call.cancelled) listener();
      call.once('cancelled', listener);
      return () => void call.off('cancelled', listener);
    },
  };
}

function notServed(name: string): handleUnaryCall<Buffer, Buffer> {
  return (_call, callback: sendUnaryData<Buffer>) => callback(unimplemented(`${name} is described and not served`));
}

/** The parts of the server that a refusal needs. */
export type RefusalOptions = Pick<CallOptions, 'mask' | 'refusals' | 'clientOf'>;

/** The status of a refusal, once it may be sent. */
export async function refusalOf(
  error: unknown,
  call: CallPeer,
  { mask, refusals, clientOf }: RefusalOptions,
  viewer?: Viewer,
): Promise<CallRefusal> {
  const refusal = mask(error);
  await refusals.hold(refusal, viewer ?? clientOf(call), goingOf(call));
  const { message, extensions } = refusal;
  const code = extensions.code as ErrorCode;
  return callRefusal(code, message, error instanceof RequiredParameter ? 'REQUIRED_PARAMETER' : code);
}

/** The credential in a call's metadata: existing agents send `token`, others the header that HTTP has for it. */
function tokenOfMetadata(metadata: Metadata): string | null {
  const [token] = metadata.get('token');
  const [authorization] = metadata.get('authorization');
  return tokenOf(token ?? authorization);
}
