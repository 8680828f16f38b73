import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';

/** Asks the agent that listens on a socket. @throws if none answers */
export async function askAgent(
  socketPath: string,
  method: 'GET' | 'POST',
  path: string,
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  const asking = request({ socketPath, method, path, ...(signal ? { signal } : {}) });
  asking.end();
  const [answer] = await once(asking, 'response');
  return answer;
}
