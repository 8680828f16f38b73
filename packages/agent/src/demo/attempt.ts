import { RequestError } from '@muster/client';

/** The outcome of an action that the server may refuse. */
export type Attempt<Value> = { readonly value: Value } | { readonly refusal: string };

/**
 * Waits for an action, and returns the server's refusal as a value: it is part of the story, which goes on.
 *
 * @throws RequestError if every action would fail alike: the server can't be reached, or refuses the credential
 */
export async function attempt<Value>(action: Promise<Value>): Promise<Attempt<Value>> {
  try {
    return { value: await action };
  } catch (error) {
    if (!(error instanceof RequestError) || error.isTransient || isAboutCredential(error)) throw error;
    return { refusal: `refused, ${error.code}: ${error.message}` };
  }
}

/** Whether the server refused the credential itself. */
export function isAboutCredential(error: RequestError): boolean {
  return error.code === 'UNAUTHENTICATED' || error.code === 'FORBIDDEN';
}
