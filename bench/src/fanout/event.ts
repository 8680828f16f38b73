/** The states between which the plugins of the bench alternate. */
export type FlippedState = 'ACTIVE' | 'ERROR';

/** The data of an event: Muster's answer to the subscription below; other servers send the same. */
export interface PluginStateChange {
  readonly at: string;
  readonly from: FlippedState;
  readonly to: FlippedState;
  readonly plugin: {
    readonly id: string;
    readonly pluginId: string;
    readonly version: string;
    readonly state: FlippedState;
    readonly endpoint: string;
  };
  readonly cursor: string;
}

const fields = '{ at from to plugin { id pluginId version state endpoint } cursor }';

/** Creates the subscription of a group. Several groups differ by their filters; a single group has no filter. */
export function createSubscription(
  group: number,
  groups: number,
): { query: string; variables?: Record<string, unknown> } {
  if (groups === 1) return { query: `subscription { pluginStateChanged ${fields} }` };
  return {
    query: `subscription ($filter: PluginEventFilter) { pluginStateChanged(filter: $filter) ${fields} }`,
    variables: { filter: { version: { ne: `not-${group}` } } },
  };
}

/** A plugin of the bench's supervisor, by its index. */
export function reportedPlugin(index: number) {
  return {
    pluginId: `plugin-aws-ec2-inven-collector-${index}`,
    version: '1.2.2',
    endpoint: `grpc://172.16.16.130:${50_000 + index}`,
  };
}

/** The other state. */
export function flipped(state: FlippedState): FlippedState {
  return state === 'ACTIVE' ? 'ERROR' : 'ACTIVE';
}

/** Creates batches of events like Muster's: of the same shape and, within a few bytes, the same size. */
export function createEvents(): (count: number) => PluginStateChange[] {
  let from: FlippedState = 'ACTIVE';
  let seq = 10;
  return (count) => {
    const at = new Date().toISOString();
    const to = flipped(from);
    const events = Array.from({ length: count }, (_, index) => {
      const id = `instance-${index.toString(16).padStart(16, '0')}`;
      seq += 1;
      return { at, from, to, plugin: { id, ...reportedPlugin(index), state: to }, cursor: cursorOf(seq) };
    });
    from = to;
    return events;
  };
}

/**
 * The sequence number in a cursor. Clients must treat cursors as opaque; this bench reads them to check the order.
 */
export function seqOf(cursor: string): number {
  return Number(Buffer.from(cursor, 'base64url').toString('latin1').split('.')[1] ?? Number.NaN);
}

function cursorOf(seq: number): string {
  return Buffer.from(`0123456789ab.${seq}`).toString('base64url');
}
