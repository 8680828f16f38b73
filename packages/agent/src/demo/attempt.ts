import { RequestError } from '../requestError.ts';

/** What came of an action that the server may refuse. */
export type Attempt<Value> = { readonly value: Value } | { readonly refusal: string };

/**
 * Waits for an action; a refusal is part of the story, which goes on. Trouble that would meet every action alike, on
 * the way to the server or with the credential, is thrown on.
 */
export async function attempt<Value>(action: Promise<Value>): Promise<Attempt<Value>> {
  try {
    return { value: await action };
  } catch (error) {
    if (!(error instanceof RequestError) || error.isTransient || isAboutCredential(error)) throw error;
    return { refusal: `refused, ${error.code}: ${error.message}` };
  }
}

export function isAboutCredential(error: RequestError): boolean {
  return error.code === 'UNAUTHENTICATED' || error.code === 'FORBIDDEN';
}
