/** An epoch that has ended, and its last event's sequence number. */
interface PastEpoch {
  readonly epoch: string;
  readonly through: number;
}

/**
 * The epochs of an event log (O5). One begins where the log may go on in another way than readers have seen: in a copy that
 * was put back, on another server. So a sequence number alone doesn't name a place, but with its epoch it does.
 */
export interface LogEpochs {
  readonly logId: string;
  /** The epoch of the next event. */
  readonly epoch: string;
  /** Oldest first. */
  readonly pastEpochs: readonly PastEpoch[];
}

/** A place in an event log: behind one event. */
export interface LogPlace {
  readonly epoch: string;
  readonly seq: number;
}

/** The place behind the event with a sequence number. */
export function placeAt({ epoch, pastEpochs }: LogEpochs, seq: number): LogPlace {
  return { epoch: pastEpochs.find(({ through }) => seq <= through)?.epoch ?? epoch, seq };
}

/** Whether a log goes on from a place: false where the events before it are others than those that led there. */
export function hasPlace(log: LogEpochs, { epoch, seq }: LogPlace): boolean {
  return placeAt(log, seq).epoch === epoch;
}
