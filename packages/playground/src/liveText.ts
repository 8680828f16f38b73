/** A result of a subscription. */
interface Result {
  readonly data?: Record<string, unknown> | null | undefined;
  readonly errors?: unknown;
}

/** Why a connection ended, as graphql-ws passes it on. */
interface Closing {
  readonly code: number;
  readonly reason: string;
}

/** Whether a lost connection may come back by itself: not where the server refused the credential. */
export function mayPass(event: unknown): boolean {
  return isClosing(event) && !/^(UNAUTHENTICATED|FORBIDDEN)/.test(event.reason);
}

function isClosing(event: unknown): event is Closing {
  return typeof event === 'object' && event !== null && 'code' in event && 'reason' in event;
}

/** The cursor of a subscription's one root field. */
export function cursorOf({ data }: Result): unknown {
  const [event] = Object.values(data ?? {});
  return typeof event === 'object' && event !== null && 'cursor' in event ? event.cursor : undefined;
}

/** An event without the name of the field that it is of, since a subscription has but one. */
export function contentOf({ data, errors }: Result): unknown {
  return errors ? { errors, data } : Object.values(data ?? {})[0];
}

/** The text about the end of a subscription. */
export function textOfError(error: unknown): string {
  if (Array.isArray(error)) return JSON.stringify(error, null, 2);
  if (isClosing(error)) return error.reason || `The connection was closed with ${error.code}.`;
  return error instanceof Error ? error.message : String(error);
}
