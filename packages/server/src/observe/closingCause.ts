/**
 * Why a connection was closed: its address, or the server, had too many without a credential; its TLS handshake failed, or
 * it showed a certificate that counts nowhere; over gRPC, too many cancelled calls, pings, or calls of unknown methods.
 */
export type ClosingCause = 'address' | 'total' | 'handshake' | 'certificate' | 'resets' | 'pings' | 'unknown_methods';
