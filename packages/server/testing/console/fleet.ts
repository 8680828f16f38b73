import type { ConsoleBrowser } from './consoleBrowser.ts';

/** Reports a supervisor, with a plugin that is Active or failing, and registers it unless it is to stay a newcomer. */
export async function publish(
  console: Pick<ConsoleBrowser, 'ask'>,
  name: string,
  {
    state = 'ACTIVE',
    registers = true,
    token = '',
  }: { state?: 'ACTIVE' | 'ERROR'; registers?: boolean; token?: string } = {},
): Promise<string> {
  const {
    publishSupervisor: { supervisor },
  } = await console.ask<{ publishSupervisor: { supervisor: { id: string; state: string } } }>(
    `mutation ($input: PublishSupervisorInput!) { publishSupervisor(input: $input) { supervisor { id state } } }`,
    {
      input: {
        domainId: 'acme',
        name,
        hostname: `${name}.acme.example`,
        labels: { env: name.endsWith('0') ? 'dev' : 'prod' },
        plugins: [
          {
            pluginId: 'plugin-aws-ec2-inven-collector',
            version: '1.2.2',
            state,
            endpoint: 'grpc://172.16.16.130:50051',
            ...(state === 'ERROR' && { message: 'disk full' }),
          },
        ],
      },
    },
    token,
  );
  if (registers && supervisor.state === 'PENDING') {
    await console.ask(
      `mutation ($input: RegisterSupervisorInput!) { registerSupervisor(input: $input) { supervisor { id } } }`,
      { input: { supervisorId: supervisor.id, domainId: 'acme' } },
      token,
    );
  }
  return supervisor.id;
}
