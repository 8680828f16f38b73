import { statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stateFolder } from '../../testing/startAgent.ts';
import { askRunning } from '../cli/askRunning.ts';
import type { Command } from '../cli/commandLine.ts';
import { parseConfig } from '../config/readConfig.ts';
import { type ControlParts, openControlSocket, socketIn } from './controlSocket.ts';

let folder: ReturnType<typeof stateFolder>;
const closers: (() => Promise<void>)[] = [];
beforeEach(() => {
  folder = stateFolder();
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  folder.remove();
});

async function open(parts: Partial<ControlParts> = {}): Promise<void> {
  const all: ControlParts = { logs: () => undefined, drain: async () => {}, ...parts };
  const socket = await openControlSocket(folder.path);
  socket.serve(all);
  closers.push(() => socket.close());
}

async function ask(command: Partial<Command> & { name: 'logs' | 'drain' }): Promise<[boolean, string]> {
  const config = parseConfig(`server: { url: http://a/graphql }\nstateFolder: ${folder.path}\ndriver: docker`);
  const output = new PassThrough();
  const written = text(output);
  const defaults = { config: '', pluginId: 'a', version: null, tail: 100, follow: false };
  const isDone = await askRunning(config, { ...defaults, ...command } as Parameters<typeof askRunning>[1], output);
  output.end();
  return [isDone, await written];
}

describe('the commands on the host (G9)', () => {
  it('show the lines of a plugin, as many as are asked for, over a socket of the agent and its group', async () => {
    const asked: unknown[] = [];
    await open({
      logs: async function* (query) {
        asked.push(query);
        yield* ['one', 'two'];
      },
    });
    expect(await ask({ name: 'logs', version: '2.0', tail: 7, follow: true })).toEqual([true, 'one\ntwo\n']);
    expect(asked).toEqual([{ pluginId: 'a', version: '2.0', tail: 7, follow: true }]);
    expect(statSync(socketIn(folder.path)).mode & 0o777).toBe(0o660);
  });

  it('say that there is no such plugin, or why its logs end', async () => {
    await open({
      logs: ({ pluginId }) => (pluginId === 'broken' ? failing() : undefined),
    });
    expect(await ask({ name: 'logs' })).toEqual([false, 'expected a plugin that is on this host; got a\n']);
    expect(await ask({ name: 'logs', pluginId: 'broken' })).toEqual([true, 'one\nthe logs ended: no disk\n']);
  });

  it('have all plugins stopped', async () => {
    let isDrained = false;
    await open({
      drain: async () => {
        isDrained = true;
      },
    });
    expect(await ask({ name: 'drain' })).toEqual([true, 'no plugin runs\n']);
    expect(isDrained).toBe(true);
  });

  it('say that no agent runs here', async () => {
    await expect(ask({ name: 'drain' })).rejects.toThrow(
      `expected an agent that runs with the state folder ${folder.path}; got ENOENT`,
    );
  });

  it('reach one agent: a second one is refused, and what a killed one left is replaced', async () => {
    writeFileSync(socketIn(folder.path), '');
    await open();
    await expect(open()).rejects.toThrow('another one runs');
    expect(await ask({ name: 'drain' })).toEqual([true, 'no plugin runs\n']);
  });

  it('reach one agent of several that start at once, also where a killed one has left its socket', async () => {
    for (let round = 0; round < 25; round++) {
      const starts = Array.from({ length: 5 }, () => openControlSocket(folder.path));
      const outcomes = await Promise.allSettled(starts);
      const [socket, ...others] = outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
      expect(others).toEqual([]);
      for (const each of outcomes) {
        if (each.status === 'rejected') expect(String(each.reason)).toContain('another one runs');
      }
      socket?.serve({ logs: () => undefined, drain: async () => {} });
      expect(await ask({ name: 'drain' })).toEqual([true, 'no plugin runs\n']);
      await socket?.close();
      leaveSocketOfKilled();
    }
  });

  it('are refused in a folder whose path is too long for a socket, with the place in agent.yaml', async () => {
    await expect(openControlSocket(`/tmp/${'a'.repeat(100)}`)).rejects.toThrow(
      'stateFolder: expected at most 92 bytes, since a socket lies in it; got /tmp/a',
    );
    await expect(openControlSocket('/dev/null/folder')).rejects.toThrow(
      'stateFolder: expected a folder that can be written; got',
    );
  });
});

/** Leaves what an agent leaves that is killed: its claim, and the link to the socket there, which nobody answers. */
function leaveSocketOfKilled(): void {
  writeFileSync(join(folder.path, 'run', 'killed'), '');
  symlinkSync(join('run', 'killed'), socketIn(folder.path));
}

async function* failing(): AsyncGenerator<string> {
  yield 'one';
  throw new Error('no disk');
}
