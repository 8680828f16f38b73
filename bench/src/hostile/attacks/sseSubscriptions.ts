import type { Attack } from '../attack.ts';
import { openHttpClient } from '../clients/http.ts';
import { keepAttacking } from '../keepAttacking.ts';
import { changes } from './changes.ts';

const streams = 1_500;

/** Different subscriptions over SSE, while the rows change. */
export const sseSubscriptions: Attack = {
  name: 'sse-subscriptions',
  family: 'live',
  bounds: [3, 8],
  summary: '1,500 different subscriptions over SSE, while a fleet reports changes',
  run: async (context) => {
    const { keys } = context.target.tenant;
    const client = openHttpClient(context, streams, keys.viewer);
    const query =
      'subscription ($v: String) { pluginStateChanged(filter: {version: {ne: $v}}) { from to plugin { id pluginId supervisor { hostname labels } } } }';
    const listen = keepAttacking(context, streams, (turn) =>
      client.operation(query, { v: `${turn}` }, { accept: 'text/event-stream' }),
    );
    await Promise.all([listen, keepAttacking(context, 4, changes(context, openHttpClient(context, 4, keys.agent)))]);
  },
};
