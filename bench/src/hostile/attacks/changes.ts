import type { AttackContext } from '../attack.ts';
import type { HttpClient } from '../clients/http.ts';

const query = 'mutation ($i: PublishSupervisorInput!) { publishSupervisor(input: $i) { supervisor { id } } }';

/** Makes attempts each of which changes all plugins of a supervisor of the attacker, and so makes an event for each. */
export function changes({ target }: AttackContext, agent: HttpClient): (turn: number) => Promise<string> {
  const { hostnames, plugins } = target.tenant;
  return async (turn) => {
    const hostname = hostnames[turn % hostnames.length] ?? '';
    const state = Math.floor(turn / hostnames.length) % 2 === 0 ? 'ERROR' : 'ACTIVE';
    const outcome = await agent.operation(query, {
      i: {
        name: hostname,
        hostname,
        plugins: Array.from({ length: plugins }, (_, index) => ({
          pluginId: `plugin-aws-ec2-inven-collector-${index}`,
          version: '1.2.2',
          state,
          endpoint: `grpc://172.16.16.130:${50_000 + index}`,
        })),
      },
    });
    return `publish ${outcome}`;
  };
}
