/** A subscription's request, results and receiver, as graphql-ws and graphql-sse have them. */
interface Request {
  query: string;
  operationName?: string;
  variables?: Record<string, unknown>;
}
interface Result {
  data?: Record<string, unknown> | null | undefined;
  errors?: unknown;
}
interface Sink<R> {
  next(result: R): void;
  error(error: unknown): void;
  complete(): void;
}

/** The errors after which a subscription goes on, or begins again, by itself. */
const passing = new Set(['SLOW_CONSUMER', 'UNAVAILABLE', 'RATE_LIMITED', 'CURSOR_EXPIRED']);

/** Waits before a new try: longer with each, up to 10 s, and never all clients at once. */
export function pause(tries: number, leastMs = 0): Promise<void> {
  const ms = leastMs + Math.random() * Math.min(10_000, 250 * 2 ** tries);
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Makes each subscription go on behind the last event that it was given, whatever breaks. Its document takes
 * `$after: Cursor`, and selects `cursor` and, of a watch, `type`.
 */
export function resuming(subscribe: (request: Request, sink: Sink<Result>) => () => void) {
  return <R = Result>(request: Request, sink: Sink<R>): (() => void) => {
    // The clients send these variables anew with each try, as they are by then.
    const variables: Record<string, unknown> = { ...request.variables };
    let isWatch = false;
    let isWhole = false;
    let isOver = false;
    let tries = 0;
    let stop = start();

    function start(): () => void {
      let isRefused = false;
      const refuse = (errors: unknown) => {
        isRefused = true;
        again(errors);
      };
      return subscribe(
        { ...request, variables },
        {
          next: (result) => {
            if (result.errors && !result.data) return refuse(result.errors);
            sink.next(result as R);
            advance(result.data);
          },
          error: refuse,
          complete: () => {
            if (!isRefused) sink.complete();
          },
        },
      );
    }

    function advance(data: Result['data']): void {
      const [event] = Object.values(data ?? {}) as ({ cursor?: string; type?: string } | null)[];
      if (!event?.cursor) return;
      tries = 0;
      isWatch = event.type !== undefined;
      // A watch can be resumed once its list has come whole.
      isWhole ||= !isWatch || event.type === 'SYNCED' || variables.after != null;
      if (isWhole) variables.after = event.cursor;
    }

    function again(error: unknown): void {
      const extensions = Array.isArray(error) ? error[0]?.extensions : undefined;
      const isLost = extensions?.code === 'CURSOR_EXPIRED';
      if (isOver) return;
      if (!passing.has(extensions?.code) || (isLost && !isWatch)) {
        sink.error(error);
        return;
      }
      if (isLost) {
        // The list comes anew: ADDED for each row, then SYNCED.
        delete variables.after;
        isWhole = false;
      }
      void pause(tries++, extensions.retryAfterMs).then(() => {
        if (!isOver) stop = start();
      });
    }

    return () => {
      isOver = true;
      stop();
    };
  };
}
