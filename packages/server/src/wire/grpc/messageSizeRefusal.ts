import { ServerInterceptingCall, type ServerInterceptor, status } from '@grpc/grpc-js';

/** How the transport begins what it says of a message above its limit, which never gets as far as to a handler. */
const transportWords = 'Received message';

/** Has the transport refuse too long a message as everything else is refused: with details `CODE: message`. */
export function tooLongInOurWords(maxMessageBytes: number): ServerInterceptor {
  return (_method, call) => {
    const sendStatus = call.sendStatus.bind(call);
    call.sendStatus = (sent) => {
      const isTooLong = sent.code === status.RESOURCE_EXHAUSTED && sent.details?.startsWith(transportWords);
      const details = `BAD_USER_INPUT: expected a message of at most ${maxMessageBytes} bytes; got a longer one`;
      sendStatus(isTooLong ? { ...sent, details } : sent);
    };
    return new ServerInterceptingCall(call);
  };
}
