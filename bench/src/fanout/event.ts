export type FlippedState = 'ACTIVE' | 'ERROR';

/** What every subscriber gets of a change. Muster's answer to the subscription below, and what the others send in its place. */
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

/** The document and variables of one group's subscription. The only group has no filter; of several, each has another. */
export function subscriptionOf(group: number, groups: number): { query: string; variables?: Record<string, unknown> } {
  if (groups === 1) return { query: `subscription { pluginStateChanged ${fields} }` };
  return {
    query: `subscription ($filter: PluginEventFilter) { pluginStateChanged(filter: $filter) ${fields} }`,
    variables: { filter: { version: { ne: `not-${group}` } } },
  };
}

/** What the supervisor of the bench runs. */
export function reportedPlugin(index: number) {
  return {
    pluginId: `plugin-aws-ec2-inven-collector-${index}`,
    version: '1.2.2',
    endpoint: `grpc://172.16.16.130:${50_000 + index}`,
  };
}

export function flipped(state: FlippedState): FlippedState {
  return state === 'ACTIVE' ? 'ERROR' : 'ACTIVE';
}

/** Makes, batch by batch, events such as Muster's: of the same shape and, within a few bytes, of the same size. */
export function createEvents(): (count: number) => PluginStateChange[] {
  let from: FlippedState = 'ACTIVE';
  let place = 10;
  return (count) => {
    const at = new Date().toISOString();
    const to = flipped(from);
    const events = Array.from({ length: count }, (_, index) => {
      const id = `instance-${index.toString(16).padStart(16, '0')}`;
      place += 1;
      return { at, from, to, plugin: { id, ...reportedPlugin(index), state: to }, cursor: cursorOf(place) };
    });
    from = to;
    return events;
  };
}

/**
 * The place in the order of all events that a cursor stands for. A client must not look into one; this bench does, to
 * see that nothing came in the wrong order.
 */
export function placeOf(cursor: string): number {
  return Number(Buffer.from(cursor, 'base64url').toString('latin1').split('.')[1] ?? Number.NaN);
}

function cursorOf(place: number): string {
  return Buffer.from(`0123456789ab.${place}`).toString('base64url');
}
