/** The headers by which HTTP repeats an error's extensions: how to authenticate, and when to retry. */
export function refusalHeaders({ code, retryAfterMs }: Readonly<Record<string, unknown>>): Record<string, string> {
  if (code === 'UNAUTHENTICATED') return { 'www-authenticate': 'Bearer' };
  if (code === 'RATE_LIMITED' && retryAfterMs !== undefined)
    return { 'retry-after': String(Math.ceil(Number(retryAfterMs) / 1_000)) };
  return {};
}
