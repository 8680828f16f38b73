import { ServerInterceptingCall, type ServerInterceptor, status } from '@grpc/grpc-js';

/**
 * The beginning of grpc-js's details for a message above its limit, which no handler sees. The library has no code or
 * option for that refusal: the text is that of 1.14.7 (`server-interceptors.js`, `stream-decoder.js`), and
 * refusals.db.test.ts fails where another version says it otherwise.
 */
const transportWords = 'Received message';

/** Rewrites the transport's refusal of a message above its limit into details of the form `CODE: message`. */
export function rewriteMessageSizeRefusal(maxMessageBytes: number): ServerInterceptor {
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
