import { describe, expect, test } from 'vitest';
import { readOptions, usage } from './options.ts';

describe("the sample plugin's options", () => {
  test('are those of a plugin that does well, where nothing is set', () => {
    expect(readOptions([], {})).toEqual({
      port: 50_051,
      pluginId: '',
      version: 'unknown',
      failAfterSeconds: null,
      slowStartSeconds: 0,
      ignoresSigterm: false,
      exitCode: 1,
    });
  });

  test('are what the arguments and the variables of an agent say', () => {
    const words = ['--fail-after', '0', '--slow-start=3', '--ignore-sigterm', '--exit-code', '0'];
    const env = { PORT: '0', MUSTER_PLUGIN_ID: 'plugin-sample', MUSTER_PLUGIN_VERSION: '1.0.0' };
    expect(readOptions(words, env)).toEqual({
      port: 0,
      pluginId: 'plugin-sample',
      version: '1.0.0',
      failAfterSeconds: 0,
      slowStartSeconds: 3,
      ignoresSigterm: true,
      exitCode: 0,
    });
  });

  test.each([
    [['--fail-after', 'soon'], {}, '--fail-after: expected a whole number from 0 to 86400; got "soon"'],
    [['--exit-code', '256'], {}, '--exit-code: expected a whole number from 0 to 255; got "256"'],
    [[], { PORT: '65536' }, 'PORT: expected a whole number from 0 to 65535; got "65536"'],
  ])('%j with %j are refused with what was expected', (words, env, message) => {
    expect(() => readOptions(words, env)).toThrow(message);
  });

  test('refuse an option that there is none of, and point to the help', () => {
    expect(() => readOptions(['--fail-afer', '1'], {})).toThrow(/'--fail-afer'.*See --help/);
  });

  test('--help asks for the text that names each of them', () => {
    expect(readOptions(['--help'], {})).toBeNull();
    for (const name of [
      '--fail-after',
      '--exit-code',
      '--slow-start',
      '--ignore-sigterm',
      'PORT',
      'MUSTER_PLUGIN_ID',
    ]) {
      expect(usage).toContain(name);
    }
  });
});
