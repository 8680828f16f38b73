import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client, credentials, makeGenericClientConstructor } from '@grpc/grpc-js';
import { spawnGuarded } from '@muster/db/testing';
import { service as healthService } from 'grpc-health-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { collectorName, collectorService } from '../src/collector.ts';

const program = fileURLToPath(new URL('../bin/muster-sample-plugin', import.meta.url));

/** Runs the plugin as an agent does: a program, its arguments, and variables. */
function start(...words: string[]) {
  const child = spawnGuarded(program, words, {
    env: { PATH: process.env.PATH, PORT: '0', MUSTER_PLUGIN_ID: 'plugin-sample', MUSTER_PLUGIN_VERSION: '1.2.3' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  const port = Promise.withResolvers<number>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const [, found] = /listens on port (\d+)\n/.exec(output) ?? [];
      if (found) port.resolve(Number(found));
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, output }));
  return { child, port: port.promise, ended, output: () => output };
}

/** A client of one service, and a call of its methods without a stream. */
function connect(port: number, service: typeof collectorService, name: string) {
  const Service = makeGenericClientConstructor(service, name);
  const client = new Service(`127.0.0.1:${port}`, credentials.createInsecure());
  onTestFinished(() => client.close());
  const call = (method: string, request: object): Promise<unknown> => {
    const unary = client[method];
    if (unary === undefined) throw new Error(`expected a method of ${name}; got ${method}`);
    return promisify(unary.bind(client))(request);
  };
  return { client, call };
}

const askHealth = (port: number, name: string) =>
  connect(port, healthService as typeof collectorService, 'grpc.health.v1.Health').call('check', { service: name });

describe('the sample plugin', () => {
  test('answers as the version that it was started as, by the process that was started', async () => {
    const { child, port } = start();
    const { call } = connect(await port, collectorService, collectorName);
    expect(await call('verify', {})).toEqual({
      is_valid: true,
      plugin_id: 'plugin-sample',
      version: '1.2.3',
      process_id: child.pid,
    });
  });

  test('collects the resources of its machine, one message each, and those of the kinds that are asked for alone', async () => {
    const { port } = start();
    const { client } = connect(await port, collectorService, collectorName);
    const collect = async (kinds: string[]) => {
      const stream = client.makeServerStreamRequest(
        `/${collectorName}/collect`,
        collectorService.collect?.requestSerialize ?? Buffer.from,
        collectorService.collect?.responseDeserialize ?? String,
        { kinds },
      );
      return (await stream.toArray()) as {
        kind: string;
        name: string;
        details: string[];
      }[];
    };
    const all = await collect([]);
    expect(new Set(all.map(({ kind }) => kind))).toEqual(new Set(['machine', 'processor', 'network']));
    const [machine, ...others] = await collect(['machine']);
    expect(others).toEqual([]);
    expect(machine).toEqual(all[0]);
    expect(machine?.details).toContain(process.platform);
  });

  test('is healthy as a whole and by the name of its service, and knows no other', async () => {
    const port = await start().port;
    expect(await askHealth(port, '')).toEqual({ status: 'SERVING' });
    expect(await askHealth(port, collectorName)).toEqual({ status: 'SERVING' });
    await expect(askHealth(port, 'other')).rejects.toMatchObject({ code: 5 });
  });

  test('describes itself by reflection', async () => {
    const client = new Client(`127.0.0.1:${await start().port}`, credentials.createInsecure());
    onTestFinished(() => client.close());
    const same = (bytes: Buffer) => bytes;
    const path = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
    const stream = client.makeBidiStreamRequest<Buffer, Buffer>(path, same, same);
    // Field 7, a text of no characters: list the services.
    stream.end(Buffer.from([(7 << 3) | 2, 0]));
    const [answer] = await stream.toArray();
    expect(String(answer)).toContain(collectorName);
  });

  test('ends by SIGTERM with 0, also while somebody watches its health', async () => {
    const { child, port, ended } = start();
    const health = connect(await port, healthService as typeof collectorService, 'grpc.health.v1.Health');
    const watch = health.client.watch?.({ service: '' }) as unknown as NodeJS.ReadableStream;
    watch.on('error', () => {});
    const [first] = await once(watch, 'data');
    expect(first).toEqual({ status: 'SERVING' });
    child.kill('SIGTERM');
    const [second] = await once(watch, 'data');
    expect(second).toEqual({ status: 'NOT_SERVING' });
    expect(await ended).toMatchObject({ code: 0, signal: null });
  });
});

describe('the sample plugin, asked to misbehave', () => {
  test('--fail-after 0: fails before it listens, with the exit code', async () => {
    const { ended } = start('--fail-after', '0', '--exit-code', '7');
    expect(await ended).toEqual({
      code: 7,
      signal: null,
      output: 'plugin-sample 1.2.3: fails with exit code 7, as it was asked to\n',
    });
  });

  test('--fail-after: serves, and then fails', async () => {
    const { ended } = start('--fail-after', '1');
    const { code, output } = await ended;
    expect(code).toBe(1);
    expect(output).toMatch(/listens on port \d+\n.*fails with exit code 1/);
  });

  test('--slow-start: listens later, and ends by SIGTERM meanwhile', async () => {
    expect(await start('--slow-start', '1').port).toBeGreaterThan(0);
    const { child, ended, output } = start('--slow-start', '86400');
    await expect.poll(output).toContain('listens in 86400 s');
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0, signal: null });
  });

  test('--ignore-sigterm: goes on at SIGTERM', async () => {
    const { child, port, ended, output } = start('--ignore-sigterm');
    const at = await port;
    child.kill('SIGTERM');
    await expect.poll(output).toContain('SIGTERM, ignored');
    expect(await askHealth(at, '')).toEqual({ status: 'SERVING' });
    child.kill('SIGKILL');
    expect(await ended).toMatchObject({ code: null, signal: 'SIGKILL' });
  });

  test('a wrong option ends it with 1 and one line', async () => {
    expect(await start('--fail-after', 'soon').ended).toEqual({
      code: 1,
      signal: null,
      output: '--fail-after: expected a whole number from 0 to 86400; got "soon"\n',
    });
  });
});
