import { Queue, type Queueable } from './queue.ts';
import { ownTenant } from './work.ts';
import { QueueFullError } from './workErrors.ts';

/** Somebody's turn at something that is scarce. */
export interface Turn extends Queueable {
  readonly tenant: string;
  readonly credential: string;
  /** The cost in points, at least 1: a tenant's turns come the less often, the more they cost. */
  readonly weight: number;
  /** How much of the bounds the turn takes; 1 is one connection, or one cheap operation. */
  readonly size: number;
  /** How much of its credential's bound it takes. */
  readonly load: number;
  /** Called once, when the turn has come. */
  start(): void;
}

/** How many turns may be under way, and how many may wait. Only `running` holds for the control plane's own. */
export interface TurnBounds {
  /** 0 where turns start only when `next` is called. */
  readonly running: number;
  readonly runningPerTenant: number;
  /** In loads. */
  readonly runningPerCredential: number;
  readonly waitingPerTenant: number;
  readonly waitingPerCredential: number;
}

/** Turns of a tenant that may wait in a lane; operations are bounded before they come to it. */
const maxWaiting = 5_000;
/** Tenants, and credentials of one tenant, that are remembered while they have no turn, so that the next needs no new books. */
const maxIdle = 100;
/** The load of a statement that counts as a whole connection of its credential; that of others is 1. */
const wholeLoad = 2;
/** The cost, in points, past which a statement counts as a whole connection: some 20 ms of one core. */
const longPoints = 10_000;

/** How much of its credential's share of a lane a statement takes: a short one, which is soon over, half a connection. */
export function loadOf(points: number): number {
  return points > longPoints ? wholeLoad : 1;
}

/**
 * The bounds of a lane: a credential has at most a third of the connections, weighed by cost, and a tenant leaves a third to
 * others (W5).
 *
 * @param turns how many may run at a time; one a connection, or more where statements are pipelined
 */
export function laneBounds(turns: number): TurnBounds {
  const third = Math.max(1, Math.floor(turns / 3));
  return {
    running: turns,
    runningPerTenant: Math.max(1, turns - third),
    runningPerCredential: third * wholeLoad,
    waitingPerTenant: maxWaiting,
    waitingPerCredential: maxWaiting,
  };
}

interface CredentialTurns {
  readonly id: string;
  readonly tenant: TenantTurns;
  readonly waiting: Queue<Turn>;
  /** In loads. */
  load: number;
}

interface TenantTurns {
  readonly id: string;
  readonly credentials: Map<string, CredentialTurns>;
  /** Credentials with a turn that may start, as far as the credential goes; the next one first. */
  readonly ready: Set<CredentialTurns>;
  running: number;
  waiting: number;
  /** Points that the tenant may spend: the deficit of deficit round robin. */
  points: number;
}

/**
 * Turns at something that is scarce: one queue a tenant, served by deficit round robin over the tenants, and round robin
 * over the credentials in each. A tenant that waits gains points as every other that waits; it spends them on its turns.
 */
export class Turns<Item extends Turn> {
  readonly #bounds: TurnBounds;
  readonly #tenants = new Map<string, TenantTurns>();
  /** Tenants with a turn that may start; the next one first. */
  readonly #ready = new Set<TenantTurns>();
  #running = 0;
  #waiting = 0;

  constructor(bounds: TurnBounds) {
    this.#bounds = bounds;
  }

  /** How much is under way, in sizes. */
  get running(): number {
    return this.#running;
  }

  /** How many turns wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** How many tenants are remembered. */
  get tenants(): number {
    return this.#tenants.size;
  }

  /**
   * Takes a turn: starts it at once where there is room, and queues it otherwise.
   *
   * @param retryAfterMs called where the queue is full, for the error
   * @throws QueueFullError where too many turns of the tenant or of the credential wait
   */
  take(turn: Item, retryAfterMs: () => number): void {
    const credential = this.#credentialOf(turn);
    // Those of the tenant that wait for the tenant's own bound go first.
    if (credential.waiting.size === 0 && credential.tenant.ready.size === 0 && this.#mayStart(credential, turn)) {
      this.#count(credential, turn, 1);
      turn.start();
      return;
    }
    const { waitingPerTenant, waitingPerCredential } = this.#bounds;
    const isOwn = turn.tenant === ownTenant;
    if (!isOwn && (credential.tenant.waiting >= waitingPerTenant || credential.waiting.size >= waitingPerCredential)) {
      this.#forgetIdle(credential);
      throw new QueueFullError(retryAfterMs());
    }
    credential.waiting.push(turn);
    credential.tenant.waiting += 1;
    this.#waiting += 1;
    this.#update(credential);
  }

  /** Takes a turn that hasn't started out of the queue. */
  remove(turn: Item): void {
    const credential = this.#tenants.get(turn.tenant)?.credentials.get(turn.credential);
    if (!credential?.waiting.remove(turn)) return;
    credential.tenant.waiting -= 1;
    this.#waiting -= 1;
    this.#update(credential);
    this.#forgetIdle(credential);
    // A smaller one behind it may fit.
    this.startNext();
  }

  /** Gives back a turn that has started; the next ones start. */
  done(turn: Item): void {
    const credential = this.#credentialOf(turn);
    this.#count(credential, turn, -1);
    if (credential.tenant.waiting > 0) this.#update(credential);
    this.#forgetIdle(credential);
    if (this.#waiting > 0) this.startNext();
  }

  /** Starts turns that wait, as far as there is room. */
  startNext(): void {
    while (this.#running < this.#bounds.running) {
      const turn = this.next();
      if (!turn) return;
      turn.start();
    }
  }

  /**
   * Takes the next turn out of the queue and counts it as under way; undefined where none may start.
   *
   * @param mayTake whether a tenant's turns may be taken now. Default: each's
   */
  next(mayTake: (tenant: string) => boolean = () => true): Item | undefined {
    for (;;) {
      let rounds = Number.POSITIVE_INFINITY;
      for (const tenant of this.#ready) {
        const [credential] = tenant.ready;
        const turn = credential?.waiting.first;
        if (!credential || !turn || !mayTake(tenant.id)) continue;
        if (tenant.points >= turn.weight) return this.#startFirst(credential, turn) as Item;
        rounds = Math.min(rounds, turn.weight - tenant.points);
      }
      if (rounds === Number.POSITIVE_INFINITY) return undefined;
      for (const tenant of this.#ready) tenant.points += rounds;
    }
  }

  #startFirst(credential: CredentialTurns, turn: Turn): Turn {
    const { tenant } = credential;
    credential.waiting.remove(turn);
    tenant.waiting -= 1;
    this.#waiting -= 1;
    tenant.points = tenant.waiting === 0 ? 0 : tenant.points - turn.weight;
    this.#count(credential, turn, 1);
    // Both go to the end of their rings.
    tenant.ready.delete(credential);
    this.#ready.delete(tenant);
    this.#update(credential);
    return turn;
  }

  #credentialOf({ tenant: tenantId, credential: id }: Turn): CredentialTurns {
    let tenant = this.#tenants.get(tenantId);
    if (!tenant) {
      tenant = { id: tenantId, credentials: new Map(), ready: new Set(), running: 0, waiting: 0, points: 0 };
      this.#tenants.set(tenantId, tenant);
    }
    let credential = tenant.credentials.get(id);
    if (!credential) {
      credential = { id, tenant, waiting: new Queue(), load: 0 };
      tenant.credentials.set(id, credential);
    }
    return credential;
  }

  #count(credential: CredentialTurns, { size, load }: Turn, times: 1 | -1): void {
    credential.load += load * times;
    credential.tenant.running += size * times;
    this.#running += size * times;
  }

  #mayStart(credential: CredentialTurns, turn: Turn): boolean {
    return (
      this.#running + turn.size <= this.#bounds.running &&
      this.#tenantHasRoom(credential.tenant, turn) &&
      this.#credentialHasRoom(credential, turn)
    );
  }

  #tenantHasRoom({ id, running }: TenantTurns, { size }: Turn): boolean {
    return id === ownTenant || fits(running, size, this.#bounds.runningPerTenant);
  }

  #credentialHasRoom({ tenant, load }: CredentialTurns, turn: Turn): boolean {
    return tenant.id === ownTenant || fits(load, turn.load, this.#bounds.runningPerCredential);
  }

  /** Puts a credential and its tenant into the rings, or takes them out. */
  #update(credential: CredentialTurns): void {
    const { tenant } = credential;
    const turn = credential.waiting.first;
    if (turn && this.#credentialHasRoom(credential, turn)) tenant.ready.add(credential);
    else tenant.ready.delete(credential);
    const [next] = tenant.ready;
    const first = next?.waiting.first;
    if (first && this.#tenantHasRoom(tenant, first)) this.#ready.add(tenant);
    else this.#ready.delete(tenant);
  }

  #forgetIdle(credential: CredentialTurns): void {
    const { tenant, load, waiting } = credential;
    if (load > 0 || waiting.size > 0) return;
    if (tenant.credentials.size > maxIdle) tenant.credentials.delete(credential.id);
    if (this.#tenants.size > maxIdle && tenant.running === 0 && tenant.waiting === 0) this.#tenants.delete(tenant.id);
  }
}

/** Whether there is room for `size` more. A turn larger than the bound runs alone. */
function fits(running: number, size: number, bound: number): boolean {
  return running === 0 || running + size <= bound;
}
