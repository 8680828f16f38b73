import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions, type Server, type TlsOptions } from 'node:tls';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/configError.ts';
import type { Log } from '../observe/log.ts';

/** How often the files are looked at. */
const checkIntervalMs = 5_000;
/** The time that a client has for the handshake. */
const handshakeTimeoutMs = 10_000;

/** The certificate, the key and the authority of clients that both fronts use. */
export interface TlsFiles {
  /** Whether clients are asked for a certificate. */
  readonly asksClients: boolean;
  /** The options of a server that uses them. */
  readonly serverOptions: TlsOptions;
  /** Gives them to the server, too, whenever they change. */
  serve<Serving extends Pick<Server, 'setSecureContext'>>(server: Serving): Serving;
  /** Looks at the files at once. */
  check(): void;
  close(): void;
}

/** The settings that name the files. */
export type TlsConfig = Pick<Config, 'MUSTER_TLS_CERT_FILE' | 'MUSTER_TLS_KEY_FILE' | 'MUSTER_TLS_CLIENT_CA_FILE'>;

type FileVariable = keyof TlsConfig;

/**
 * Opens the files of TLS, and looks at them every few seconds. Files that can't be used together, as while they are being
 * replaced, leave the ones before in use.
 *
 * @returns null where TLS isn't configured
 * @throws ConfigError where the settings, or the files, don't fit together
 */
export function openTlsFiles(config: TlsConfig, log: Log): TlsFiles | null {
  const { MUSTER_TLS_CERT_FILE: cert, MUSTER_TLS_KEY_FILE: key, MUSTER_TLS_CLIENT_CA_FILE: ca } = config;
  if (cert === undefined && key === undefined && ca === undefined) return null;
  if (cert === undefined)
    throw missing('MUSTER_TLS_CERT_FILE', key === undefined ? 'MUSTER_TLS_CLIENT_CA_FILE' : 'MUSTER_TLS_KEY_FILE');
  if (key === undefined) throw missing('MUSTER_TLS_KEY_FILE', 'MUSTER_TLS_CERT_FILE');
  return new WatchedTlsFiles(config, log);
}

function missing(name: FileVariable, given: FileVariable): ConfigError {
  return new ConfigError(`${name}: expected a file, since ${given} is set; got none`);
}

class WatchedTlsFiles implements TlsFiles {
  readonly #config: TlsConfig;
  readonly #log: Log;
  readonly #servers: Pick<Server, 'setSecureContext'>[] = [];
  readonly #timer: NodeJS.Timeout;
  #context: SecureContextOptions;
  /** The problem that was logged last, so that each is logged once. */
  #problem: string | null = null;

  constructor(config: TlsConfig, log: Log) {
    this.#config = config;
    this.#log = log;
    this.#context = readContext(config);
    this.#timer = setInterval(() => this.check(), checkIntervalMs).unref();
  }

  get asksClients(): boolean {
    return this.#context.ca !== undefined;
  }

  get serverOptions(): TlsOptions {
    // A client without a certificate goes on: an operator shows a credential alone.
    const clients = { requestCert: this.asksClients, rejectUnauthorized: false };
    return { ...this.#context, ...clients, handshakeTimeout: handshakeTimeoutMs };
  }

  serve<Serving extends Pick<Server, 'setSecureContext'>>(server: Serving): Serving {
    this.#servers.push(server);
    return server;
  }

  check(): void {
    try {
      const context = readContext(this.#config);
      this.#problem = null;
      if (isSame(context, this.#context)) return;
      this.#context = context;
      for (const server of this.#servers) server.setSecureContext(context);
      this.#log.info('the certificate was read again');
    } catch (error) {
      const problem = String(error);
      if (problem !== this.#problem)
        this.#log.warn({ err: error }, 'the certificate could not be read again; the one before stays in use');
      this.#problem = problem;
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

function readContext(config: TlsConfig): SecureContextOptions {
  const context = {
    cert: read(config, 'MUSTER_TLS_CERT_FILE'),
    key: read(config, 'MUSTER_TLS_KEY_FILE'),
    ...(config.MUSTER_TLS_CLIENT_CA_FILE === undefined ? {} : { ca: read(config, 'MUSTER_TLS_CLIENT_CA_FILE') }),
  };
  try {
    createSecureContext(context);
  } catch (error) {
    throw new ConfigError(
      `MUSTER_TLS_CERT_FILE: expected a certificate in PEM whose key is in MUSTER_TLS_KEY_FILE; got ${messageOf(error)}`,
    );
  }
  return context;
}

function read(config: TlsConfig, name: FileVariable): Buffer {
  try {
    return readFileSync(config[name] ?? '');
  } catch (error) {
    throw new ConfigError(`${name}: expected a file that can be read; got ${messageOf(error)}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isSame(one: SecureContextOptions, other: SecureContextOptions): boolean {
  return (['cert', 'key', 'ca'] as const).every((name) => String(one[name]) === String(other[name]));
}
