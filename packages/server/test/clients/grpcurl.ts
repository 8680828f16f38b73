import { parseArgs } from 'node:util';
import { openReflectionClient } from '../../testing/reflectionClient.ts';

/** The part of grpcurl that docs/clients.md uses: it knows no service but by reflection. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    plaintext: { type: 'boolean' },
    H: { type: 'string', short: 'H', multiple: true },
    d: { type: 'string', short: 'd' },
  },
  args: process.argv.slice(2).map((word) => (word === '-plaintext' ? '--plaintext' : word)),
});
const [address = '', symbol = ''] = positionals;
const client = await openReflectionClient(address, 'v1');
const [service = '', method] = symbol.split('/');
const metadata = Object.fromEntries((values.H ?? []).map((header) => header.split(': ') as [string, string]));
const answer =
  method === undefined
    ? client.services.join('\n')
    : JSON.stringify(await client.call(service, method, JSON.parse(values.d ?? '{}'), { metadata }), null, 2);
process.stdout.write(`${answer}\n`);
client.close();
