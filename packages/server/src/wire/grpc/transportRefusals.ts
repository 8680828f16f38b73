import { ServerInterceptingCall, type ServerInterceptor, status } from '@grpc/grpc-js';
import { detailsOf, isOurs } from './grpcStatus.ts';

/**
 * Gives the refusals that grpc-js itself sends, of calls that no handler sees or has answered yet, our form. The library has
 * no option for them, and no more of a cause than a status.
 */
export function rewriteTransportRefusals(maxMessageBytes: number): ServerInterceptor {
  return (_method, call) => {
    const sendStatus = call.sendStatus.bind(call);
    call.sendStatus = (sent) => {
      const isAnswer = sent.code === status.OK || isOurs(sent.details);
      sendStatus(isAnswer ? sent : { ...sent, details: wordsOf(sent, maxMessageBytes) });
    };
    return new ServerInterceptingCall(call);
  };
}

function wordsOf({ code, details: came = '' }: { code: status; details?: string }, maxMessageBytes: number): string {
  switch (code) {
    case status.RESOURCE_EXHAUSTED:
      return detailsOf('BAD_USER_INPUT', `expected a message of at most ${maxMessageBytes} bytes; got a longer one`);
    case status.DEADLINE_EXCEEDED:
      return detailsOf('TIMED_OUT', "the call's deadline has passed");
    // A call of another form than the method's, or a compression that the server doesn't know.
    case status.UNIMPLEMENTED:
      return detailsOf('UNIMPLEMENTED', came);
    // Of a timeout or a message that can't be read.
    case status.INTERNAL:
      return detailsOf('BAD_USER_INPUT', `expected a call as gRPC writes it; got one of which this is wrong: ${came}`);
    default:
      return detailsOf('INTERNAL_SERVER_ERROR', 'the call could not be served');
  }
}
