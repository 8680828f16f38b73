import { describe, expect, it } from 'vitest';
import { readSettings, usage } from './options.ts';

describe("the demo's settings", () => {
  it('are of a server on this machine, endless, one round every 2 s, where nothing is set', () => {
    expect(readSettings([], {}, 42)).toEqual({
      url: 'http://127.0.0.1:4000/graphql',
      token: undefined,
      tickMs: 2_000,
      rounds: undefined,
      seed: 42,
    });
  });

  it('are what the environment says', () => {
    const env = {
      MUSTER_URL: 'https://muster.example/api',
      MUSTER_TOKEN: 'secret',
      MUSTER_DEMO_TICK_MS: '250',
      MUSTER_DEMO_ROUNDS: '5',
      MUSTER_DEMO_SEED: '0',
    };
    expect(readSettings([], env, 42)).toEqual({
      url: 'https://muster.example/api',
      token: 'secret',
      tickMs: 250,
      rounds: 5,
      seed: 0,
    });
  });

  it('take an empty variable for one that is not set', () => {
    const env = { MUSTER_URL: '', MUSTER_TOKEN: '', MUSTER_DEMO_SEED: '' };
    expect(readSettings([], env, 42)).toEqual(readSettings([], {}, 42));
  });

  it('add the path that the API is at to a server named without one', () => {
    expect(readSettings([], { MUSTER_URL: 'http://muster.example:4000' }, 1)?.url).toBe(
      'http://muster.example:4000/graphql',
    );
  });

  it.each([
    [{ MUSTER_URL: 'muster.example' }, 'MUSTER_URL: expected an http or https URL'],
    [{ MUSTER_URL: 'ws://muster.example' }, 'got "ws://muster.example"'],
    [{ MUSTER_DEMO_TICK_MS: '0' }, 'MUSTER_DEMO_TICK_MS: expected a whole number from 1 to 60000; got "0"'],
    [{ MUSTER_DEMO_ROUNDS: '1.5' }, 'MUSTER_DEMO_ROUNDS: expected a whole number'],
    [{ MUSTER_DEMO_SEED: 'x' }, 'MUSTER_DEMO_SEED: expected a whole number from 0 to 4294967295; got "x"'],
  ])('refuse %j, naming the variable, what was expected and what came', (env, message) => {
    expect(() => readSettings([], env, 1)).toThrow(message);
  });

  it('are what the options say, before the environment', () => {
    const words = ['--url', 'http://a.example', '--token=mine', '--rounds', '3', '--tick-ms', '5', '--seed', '7'];
    expect(readSettings(words, { MUSTER_URL: 'http://b.example', MUSTER_TOKEN: 'other' }, 42)).toEqual({
      url: 'http://a.example/graphql',
      token: 'mine',
      tickMs: 5,
      rounds: 3,
      seed: 7,
    });
  });

  it.each([
    [['--rounds', 'many'], '--rounds: expected a whole number from 1'],
    [['--round', '3'], "Unknown option '--round'"],
    [['now'], "Unexpected argument 'now'"],
  ])('refuse the options %j', (words, message) => {
    expect(() => readSettings(words, {}, 1)).toThrow(message);
  });

  it('are none where help is asked for, which names each option', () => {
    expect(readSettings(['--help'], {}, 1)).toBeNull();
    for (const option of ['--url', '--token', '--rounds', '--tick-ms', '--seed'])
      expect(usage).toContain(`  ${option} <`);
  });
});
