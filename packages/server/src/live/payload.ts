/** An item as every subscriber of a group receives it: executed once, serialised once. */
export interface Payload {
  readonly seq: number;
  /** The sequence number of the change that the item stems from; null for a bookmark. */
  readonly changeSeq: number | null;
  /** The GraphQL result as JSON. */
  readonly text: Buffer;
}

/** A receiver of a group's payloads. */
export interface PayloadSink {
  /** Receives payloads in order. Must not throw, and must not wait. */
  deliver(payloads: readonly Payload[]): void;
  /**
   * The group has ended; with an error if it could not go on. A cursor in the error is the group's position, not this
   * receiver's.
   */
  end(error?: unknown): void;
}
