import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { spawnGuarded } from '@muster/server/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { stateFolder } from '../testing/startAgent.ts';

/*
 * The agent as a process, with the process driver, and no server that answers: all that it does comes from its state file.
 */

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const script = "trap 'exit 0' TERM; echo pid $$; while :; do sleep 0.1; done";
let folder: ReturnType<typeof stateFolder>;
let config: string;
let plugin: number | undefined;

beforeEach(() => {
  folder = stateFolder();
  config = join(folder.path, 'agent.yaml');
  writeFileSync(
    config,
    `server: { url: http://127.0.0.1:9/graphql }
supervisor: { hostname: host-1 }
stateFolder: ${folder.path}
driver: process
process: { executables: [/bin/sh] }
status: { port: 0 }
`,
  );
  const release = {
    image: null,
    command: ['/bin/sh'],
    arguments: ['-c', script],
    environment: [],
    ports: [],
    health: { kind: 'NONE', port: null, path: null, service: null, intervalSeconds: 5 },
    resources: { memoryMib: null, cpuMillis: null },
    stopTimeoutSeconds: 5,
  };
  const wish = { domainId: 'acme', pluginId: 'echo', version: '1.0', generation: 4, release };
  const state = { format: 1, owner: 'agent-1', wishes: [wish], records: {}, images: {} };
  writeFileSync(join(folder.path, 'state.json'), JSON.stringify(state));
});
afterEach(() => {
  if (plugin !== undefined && isAlive(plugin)) process.kill(plugin, 'SIGKILL');
  plugin = undefined;
  folder.remove();
});

interface StartedAgent {
  /** Sends a signal, and resolves with the exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
  states(): Promise<string[]>;
}

async function start(): Promise<StartedAgent> {
  const child = spawnGuarded(process.execPath, [main, '--config', config], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  let port: number | undefined;
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    port = JSON.parse(line).status;
    if (port !== undefined) break;
  }
  child.stdout.resume();
  return {
    end: async (signal) => {
      child.kill(signal);
      const [code] = await ended;
      return code;
    },
    states: async () => {
      const response = await fetch(`http://127.0.0.1:${port}/status`);
      const { plugins } = (await response.json()) as {
        plugins: { state: string; observedGeneration: number }[] | null;
      };
      return plugins?.map(({ state, observedGeneration }) => `${state} g${observedGeneration}`) ?? [];
    },
  };
}

async function run(...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawnGuarded(process.execPath, [main, ...args, '--config', config], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code, output: output + errors };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function pidOfPlugin(): Promise<number> {
  const { output } = await run('logs', 'echo');
  return Number(/^pid (\d+)$/m.exec(output)?.[1]);
}

it('G8, G13, acceptance 10: runs what was last wanted without a server; SIGTERM ends it with 0 and no plugin, and the next one takes it over', async () => {
  const first = await start();
  await expect.poll(() => first.states()).toEqual(['ACTIVE g4']);
  plugin = await pidOfPlugin();
  expect(isAlive(plugin)).toBe(true);
  expect(await first.end('SIGTERM')).toBe(0);
  expect(isAlive(plugin)).toBe(true);

  const second = await start();
  await expect.poll(() => second.states()).toEqual(['ACTIVE g4']);
  expect(await pidOfPlugin()).toBe(plugin);
  const { output, code } = await run('drain', '--local');
  expect([output, code]).toEqual(['no plugin runs\n', 0]);
  expect(isAlive(plugin)).toBe(false);
  expect(await second.states()).toEqual(['ERROR g4']);
  expect(await second.end('SIGINT')).toBe(0);
});

it('check says whether agent.yaml and its files are valid', async () => {
  expect(await run('check')).toEqual({ code: 0, output: `${config} is valid\n` });
  writeFileSync(config, 'server: { url: http://a/graphql, tokenFile: /nowhere/token }\ndriver: process\n');
  expect(await run('check')).toEqual({
    code: 1,
    output: 'agent: server.tokenFile: expected a file that can be read; got ENOENT for /nowhere/token\n',
  });
});
