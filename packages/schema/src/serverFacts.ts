/** A setting that is a number: a bound, an interval or a share. */
export interface ServerSetting {
  /** The variable of the environment that sets it. */
  readonly name: string;
  readonly value: number;
  readonly description: string;
}

/** A server as it shows itself to those who are signed in. */
export interface ServerFacts {
  readonly version: string;
  readonly database: 'postgresql' | 'pglite';
  readonly settings: readonly ServerSetting[];
}
