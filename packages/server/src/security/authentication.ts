import { type Access, DomainError, forbidden, type Viewer } from '@muster/core';
import { certificateMissing, tooManyAnonymous } from '../errors/refusals.ts';
import type { AddressRate } from '../limits/addressRate.ts';
import { type ClientAddress, clientAddress, type TrustedProxies } from './clientAddress.ts';
import type { Connection } from './connection.ts';
import { createKnownTokens } from './knownTokens.ts';
import { isUnauthenticated, LookUps } from './lookUps.ts';

/** A client, as far as it is known before its credential: its connection, and the word of its proxies. */
export interface Client {
  readonly connection: Connection;
  /** The header or metadata `X-Forwarded-For`. */
  readonly forwardedFor: string | undefined;
}

/** The one way by which every front lets clients in (W11). */
export interface Authentication {
  /** A5: whether everybody is let in. */
  readonly open: boolean;
  /**
   * Authenticates a request's credential.
   *
   * @returns the viewer itself, without a promise, if there is nothing to verify
   * @throws DomainError UNAUTHENTICATED; RATE_LIMITED for an address with too many failures; or rejects with them
   */
  authenticate(client: Client, token: string | null): Promise<Viewer> | Viewer;
  /**
   * Takes a request that needs no credential from its address's rate.
   *
   * @throws DomainError RATE_LIMITED
   */
  takeAnonymous(client: Client): void;
  /** The address that a client is counted by. */
  addressOf(client: Client): ClientAddress;
  /** Notes, for the log by address, that a request was refused before its viewer was known. */
  noteRefusal(client: Client, error: unknown): void;
}

/** The parameters of an authentication. */
export interface AuthenticationOptions {
  readonly access: Pick<Access, 'open' | 'authenticate'>;
  readonly proxies: TrustedProxies;
  /** The failed credentials of each address. */
  readonly failures: AddressRate;
  /** The requests without a credential of each address. */
  readonly anonymous: AddressRate;
  /** Whether an agent must show a certificate, whose name is then the only host that it speaks for. */
  readonly bindsByCertificate: boolean;
  onRefused(address: ClientAddress, error: DomainError): void;
}

/** Makes the authentication of all fronts. */
export function createAuthentication(options: AuthenticationOptions): Authentication {
  return new AddressedAuthentication(options);
}

class AddressedAuthentication implements Authentication {
  readonly #options: AuthenticationOptions;
  /**
   * The tokens that were valid over a new connection, or while their address had failures. Their owners are let in
   * however many failures the address has: many clients may be behind one address, and one that fails must not lock out
   * the others.
   */
  readonly #known = createKnownTokens();
  /** The look-ups of all other tokens. */
  readonly #lookUps: LookUps;
  /** An ADMIN, and the same one as admitted last. */
  readonly #lastAdmitted = new WeakMap<Viewer, Viewer>();

  constructor(options: AuthenticationOptions) {
    this.#options = options;
    this.#lookUps = new LookUps(options.failures);
  }

  get open(): boolean {
    return this.#options.access.open;
  }

  authenticate(client: Client, token: string | null): Promise<Viewer> | Viewer {
    const { access } = this.#options;
    if (token !== null) return this.#verify(client, token);
    if (!access.open) this.takeAnonymous(client);
    const found = access.authenticate(null);
    if (!(found instanceof Promise)) return this.#admit(client, found);
    return found.catch((error: unknown) => {
      throw this.#refusal(client, error);
    });
  }

  takeAnonymous(client: Client): void {
    const { anonymous } = this.#options;
    const waitMs = anonymous.take(this.addressOf(client).key);
    if (waitMs > 0) throw this.#refusal(client, tooManyAnonymous(anonymous.rate.perSecond, waitMs));
  }

  noteRefusal(client: Client, error: unknown): void {
    if (error instanceof DomainError) this.#options.onRefused(this.addressOf(client), error);
  }

  addressOf({ connection, forwardedFor }: Client): ClientAddress {
    const { address, isProxy } = connection;
    if (!isProxy || forwardedFor === undefined) return address;
    return clientAddress(this.#options.proxies, address.text, forwardedFor);
  }

  async #verify(client: Client, token: string): Promise<Viewer> {
    const { access, failures } = this.#options;
    const { key } = this.addressOf(client);
    // The address has failures, or credentials of it are being looked up. Otherwise nobody asks what the token's hash is.
    const isSuspect = !failures.isFull(key);
    const isKnown = isSuspect && this.#known.has(token);
    const lookUp = () => access.authenticate(token);
    let viewer: Viewer;
    try {
      viewer = isKnown ? await lookUp() : await this.#lookUps.run(key, lookUp);
    } catch (error) {
      const hasFailed = isUnauthenticated(error);
      if (hasFailed) this.#known.delete(token);
      if (hasFailed && isKnown) failures.take(key);
      throw this.#refusal(client, error);
    }
    // Remembered before its address has failures, too, but not hashed with every request.
    if (isSuspect || !client.connection.isSettled) this.#known.add(token);
    return this.#admit(client, viewer);
  }

  #admit(client: Client, viewer: Viewer): Viewer {
    const admitted = viewer.role === 'SUPERVISOR' ? this.#agent(client, viewer) : this.#person(client, viewer);
    client.connection.settle();
    return admitted;
  }

  /** S9: an ADMIN, who may publish, with the address; the same object for the same address, since contexts are kept by it. */
  #person(client: Client, viewer: Viewer): Viewer {
    if (viewer.role !== 'ADMIN') return viewer;
    const address = this.addressOf(client).text;
    const last = this.#lastAdmitted.get(viewer);
    if (last?.address === address) return last;
    const admitted = { ...viewer, address };
    this.#lastAdmitted.set(viewer, admitted);
    return admitted;
  }

  /** An agent with its address (S9), and bound to the name in its certificate where agents show one (A7). */
  #agent(client: Client, viewer: Viewer): Viewer {
    const address = this.addressOf(client).text;
    if (!this.#options.bindsByCertificate) return { ...viewer, address };
    const { certificateName } = client.connection;
    if (certificateName === null) throw this.#refusal(client, certificateMissing());
    const { boundHostname = certificateName } = viewer;
    if (boundHostname !== certificateName) {
      throw forbidden(
        viewer,
        `expected a certificate for ${boundHostname}, as the credential is; got one for ${certificateName}`,
      );
    }
    return { ...viewer, address, boundHostname };
  }

  #refusal<Refused>(client: Client, error: Refused): Refused {
    this.noteRefusal(client, error);
    return error;
  }
}
