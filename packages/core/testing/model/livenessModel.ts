/**
 * Domain.md read literally, over one domain's supervisors in memory: its "Supervisor lifecycle", and L1, L2, L5, L6 and
 * L7. It shares nothing with the code that it tests.
 */
export type ModelState = 'PENDING' | 'ENABLED' | 'DISABLED' | 'DISCONNECTED';

/** The commands of operators. */
export type ModelCommand = 'register' | 'preregister' | 'enable' | 'disable' | 'deregister';

interface ModelSupervisor {
  state: ModelState;
  registered: boolean;
  /** The condition LEASE_EXPIRED. */
  silent: boolean;
  leaseEnd: number;
  lastSeen: number | null;
}

/** The part of a supervisor that its viewers see. */
interface SeenInModel {
  readonly state: ModelState;
  readonly registered: boolean;
  readonly silent: boolean;
  readonly connected: boolean;
}

/** The numbers that the rules leave to settings. */
export interface ModelSettings {
  readonly leaseMs: number;
  readonly holdMinimum: number;
  /** In percent. */
  readonly holdShare: number;
}

type Row = 'unknown' | 'PENDING' | 'ENABLED' | 'DISABLED' | 'once registered' | 'never registered';

/** The table's cells of operators' commands; a state, or a word. */
const table: Record<Row, Record<ModelCommand, ModelState | 'NOT_FOUND' | 'refuse' | 'delete' | 'fresh lease'>> = {
  unknown: {
    register: 'NOT_FOUND',
    preregister: 'DISCONNECTED',
    enable: 'NOT_FOUND',
    disable: 'NOT_FOUND',
    deregister: 'NOT_FOUND',
  },
  PENDING: {
    register: 'ENABLED',
    preregister: 'ENABLED',
    enable: 'refuse',
    disable: 'refuse',
    deregister: 'delete',
  },
  ENABLED: {
    register: 'refuse',
    preregister: 'refuse',
    enable: 'ENABLED',
    disable: 'DISABLED',
    deregister: 'delete',
  },
  DISABLED: {
    register: 'refuse',
    preregister: 'refuse',
    enable: 'ENABLED',
    disable: 'DISABLED',
    deregister: 'delete',
  },
  'once registered': {
    register: 'refuse',
    preregister: 'refuse',
    enable: 'fresh lease',
    disable: 'DISABLED',
    deregister: 'delete',
  },
  'never registered': {
    register: 'DISCONNECTED',
    preregister: 'DISCONNECTED',
    enable: 'refuse',
    disable: 'refuse',
    deregister: 'delete',
  },
};

const isConnected = ({ state, silent }: ModelSupervisor) => state !== 'DISCONNECTED' && !silent;

/** A domain, and the events that the rules ask for: of states, and of silence (L7). */
export class LivenessModel {
  now = 0;
  /** The domain's condition LEASES_HELD. */
  isHeld = false;
  readonly supervisors = new Map<string, ModelSupervisor>();
  readonly #settings: ModelSettings;
  #lastSweep = 0;
  #events: string[] = [];

  constructor(settings: ModelSettings) {
    this.#settings = settings;
  }

  /** The events since the last call, by hostname: `a ENABLED>DISCONNECTED`, `b silent`, `b heard`. */
  takeEvents(): string[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** L1: a publish renews the lease, whatever it meets. */
  publish(hostname: string): void {
    if (!this.supervisors.has(hostname)) this.#create(hostname, 'PENDING', false);
    this.#heard(hostname);
  }

  /** L1: so does an agent's request for its list, of a supervisor that has published before (S2). */
  fetch(hostname: string): void {
    if ((this.supervisors.get(hostname)?.lastSeen ?? null) !== null) this.#heard(hostname);
  }

  /** Returns the code of a refusal, or null. */
  command(hostname: string, command: ModelCommand): 'NOT_FOUND' | 'SUPERVISOR_STATE' | null {
    const found = this.supervisors.get(hostname);
    const outcome = table[found ? rowOf(found) : 'unknown'][command];
    if (outcome === 'NOT_FOUND') return 'NOT_FOUND';
    if (outcome === 'refuse') return 'SUPERVISOR_STATE';
    if (outcome === 'delete') {
      this.#events.push(`${hostname} ${found?.state}>NONE`);
      this.supervisors.delete(hostname);
      return null;
    }
    if (!found) {
      this.#create(hostname, 'DISCONNECTED', true);
      return null;
    }
    if (command === 'register' || command === 'preregister') found.registered = true;
    if (outcome === 'fresh lease') {
      found.leaseEnd = Math.max(found.leaseEnd, this.now + this.#settings.leaseMs);
      this.#become(hostname, found, 'ENABLED', false);
    } else {
      // L7: DISABLED does not say that a supervisor was silent.
      this.#become(
        hostname,
        found,
        outcome,
        found.silent || (found.state === 'DISCONNECTED' && outcome === 'DISABLED'),
      );
    }
    return null;
  }

  pass(ms: number): void {
    this.now += ms;
  }

  /** L5: time in which nobody swept counts for nobody, or for who was seen within it, from then on. */
  excuse(longestPauseMs: number): void {
    if (this.now - this.#lastSweep > longestPauseMs) {
      for (const each of this.supervisors.values()) {
        if ((each.silent || each.leaseEnd < this.#lastSweep) && each.state !== 'DISCONNECTED') continue;
        each.leaseEnd += this.now - Math.max(this.#lastSweep, each.lastSeen ?? 0);
      }
    }
    this.#lastSweep = this.now;
  }

  sweep(): void {
    const weighing = [...this.supervisors.values()].filter(
      ({ state, registered }) => registered && state === 'ENABLED',
    );
    const expired = weighing.filter((each) => this.#hasExpired(each)).length;
    const { holdMinimum, holdShare } = this.#settings;
    this.isHeld = weighing.length >= holdMinimum && 100 * expired > holdShare * weighing.length;
    for (const [hostname, each] of this.supervisors) {
      if (!this.#hasExpired(each) || each.state === 'DISCONNECTED') continue;
      const stays = each.state === 'DISABLED' || (this.isHeld && each.registered);
      this.#become(hostname, each, stays ? each.state : 'DISCONNECTED', stays);
    }
  }

  /** L6: an operator declares that those who are held are gone. */
  release(): void {
    this.isHeld = false;
    for (const [hostname, each] of this.supervisors) {
      if (each.registered && each.state === 'ENABLED' && this.#hasExpired(each)) {
        this.#become(hostname, each, 'DISCONNECTED', false);
      }
    }
  }

  #hasExpired({ leaseEnd }: ModelSupervisor): boolean {
    return leaseEnd < this.now;
  }

  #create(hostname: string, state: ModelState, registered: boolean): void {
    this.supervisors.set(hostname, { state, registered, silent: false, leaseEnd: this.now, lastSeen: null });
    this.#events.push(`${hostname} NONE>${state}`);
  }

  #heard(hostname: string): void {
    const found = this.supervisors.get(hostname);
    if (!found) return;
    found.leaseEnd = this.now + this.#settings.leaseMs;
    found.lastSeen = this.now;
    const back = found.registered ? 'ENABLED' : 'PENDING';
    this.#become(hostname, found, found.state === 'DISCONNECTED' ? back : found.state, false);
  }

  /** E1, L7: one event where the state or the silence changes, and none otherwise (L2). */
  #become(hostname: string, supervisor: ModelSupervisor, state: ModelState, silent: boolean): void {
    const before = { ...supervisor };
    Object.assign(supervisor, { state, silent });
    if (before.state !== state) this.#events.push(`${hostname} ${before.state}>${state}`);
    else if (isConnected(before) !== isConnected(supervisor)) {
      this.#events.push(`${hostname} ${isConnected(supervisor) ? 'heard' : 'silent'}`);
    }
  }

  /** The visible part of each supervisor, by hostname. */
  seen(): Record<string, SeenInModel> {
    return Object.fromEntries(
      [...this.supervisors].map(([hostname, each]) => [
        hostname,
        { state: each.state, registered: each.registered, silent: each.silent, connected: isConnected(each) },
      ]),
    );
  }
}

function rowOf({ state, registered }: ModelSupervisor): Row {
  if (state !== 'DISCONNECTED') return state;
  return registered ? 'once registered' : 'never registered';
}
