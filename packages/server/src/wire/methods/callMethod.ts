import type { Core, Viewer } from '@muster/core';
import type { Admission, OperationLane } from '../../limits/admission.ts';
import type { Caller } from '../../limits/caller.ts';
import { type Guard, guardsAt } from '../../limits/guard.ts';
import type { LoopTurns } from '../../limits/loopTurns.ts';
import { viewerKey } from '../../limits/rateLimiter.ts';
import type { MessageJson } from '../proto/messageJson.ts';
import type { Method } from './methods.ts';

/** Calls a method that is served, for a viewer whose request was counted; holds the request against the limits of operations first. */
export type CallMethod = (method: Method, viewer: Viewer, request: MessageJson, caller: Caller) => Promise<MessageJson>;

/**
 * Makes the one way to the methods, by REST and by gRPC. GraphQL has its pipeline; the limits on input and on costs are
 * the same ones, and so are the turns of the event loop.
 */
export function createMethodCaller(
  core: Core,
  guards: readonly Guard[],
  admission: Pick<Admission, 'run'>,
  loopTurns: LoopTurns,
): CallMethod {
  const inputGuards = guardsAt('variables', guards);
  const executionGuards = guardsAt('execution', guards);
  const call: CallMethod = async (method, viewer, request, caller) => {
    const { name, kind, handle } = method;
    if (!handle) throw new Error(`${name} is not served`);
    for (const guard of inputGuards) guard.check(request, viewer);
    const operation = { viewer, kind, cost: method.cost(request, viewer), lane: laneOf(method, viewer, request) };
    for (const guard of executionGuards) guard.check(operation);
    return admission.run(operation, caller, () => handle(core, viewer, request, caller));
  };
  // W3: hundreds of calls may come in one packet.
  return async (...args) => {
    const [, viewer] = args;
    return loopTurns.run(viewerKey(viewer), () => call(...args));
  };
}

function laneOf({ kind, laneOf: ownLane }: Method, viewer: Viewer, request: MessageJson): OperationLane {
  return ownLane?.(viewer, request) ?? (kind === 'mutation' ? 'changes' : 'reads');
}
