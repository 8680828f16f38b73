/**
 * Why a connection was closed: its address, or the server, had too many without a credential; its TLS handshake failed, or
 * it showed a certificate that counts nowhere; its peer did not read its answers; over gRPC, too many cancelled calls,
 * pings, or calls of unknown methods.
 */
export type ClosingCause =
  | 'address'
  | 'total'
  | 'handshake'
  | 'certificate'
  | 'unread'
  | 'resets'
  | 'pings'
  | 'unknown_methods';
