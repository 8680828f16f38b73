import { Client, type ClientConfig } from 'pg';

/** How long the cancel request may take to be delivered, in milliseconds. */
const deliveryTimeoutMs = 2_000;

/** The parts of `pg`'s client that a cancel request needs, and that its types lack. */
interface CancelParts {
  readonly processID: number | null;
  readonly secretKey: number | null;
  readonly host: string;
  readonly port: number;
  readonly ssl: unknown;
  readonly sslNegotiation: string;
}

/** The connection of a client that hasn't connected: it sends nothing until it is asked to. */
interface RawConnection {
  connect(portOrPath: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processId: number, secretKey: number): void;
  on(event: 'connect' | 'sslconnect' | 'end' | 'error', listener: () => void): void;
  readonly stream: { destroy(): void };
}

/**
 * Asks the server, on a connection apart, to cancel the statement that runs on the client's connection (CancelRequest).
 * Resolves once the server has taken the request, or could not be reached in time: the client hears of its statement on
 * its own connection.
 */
export async function cancelStatement(client: Client, config: ClientConfig): Promise<void> {
  const { processID, secretKey, host, port, ssl, sslNegotiation } = client as unknown as CancelParts;
  if (processID === null || secretKey === null) return;
  const connection = new Client(config).connection as unknown as RawConnection;
  const cancel = () => connection.cancel(processID, secretKey);
  const over = Promise.withResolvers<void>();
  connection.on('error', over.resolve);
  connection.on('end', over.resolve);
  connection.on('sslconnect', cancel);
  connection.on('connect', () => {
    if (!ssl) cancel();
    else if (sslNegotiation !== 'direct') connection.requestSsl();
  });
  if (host.startsWith('/')) connection.connect(`${host}/.s.PGSQL.${port}`);
  else connection.connect(port, host);
  const timer = setTimeout(over.resolve, deliveryTimeoutMs);
  await over.promise;
  clearTimeout(timer);
  connection.stream.destroy();
}
