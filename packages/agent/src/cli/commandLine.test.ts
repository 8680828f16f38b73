import { describe, expect, it } from 'vitest';
import { readCommandLine } from './commandLine.ts';

describe('the command line of the agent', () => {
  it.each([
    [[], { name: 'run', config: '/etc/muster-agent/agent.yaml' }],
    [['--config', 'a.yaml'], { name: 'run', config: 'a.yaml' }],
    [['check', '--config', 'a.yaml'], { name: 'check', config: 'a.yaml' }],
    [['drain', '--local'], { name: 'drain', config: '/etc/muster-agent/agent.yaml' }],
    [
      ['logs', 'collector', '-f', '-n', '5'],
      {
        name: 'logs',
        config: '/etc/muster-agent/agent.yaml',
        pluginId: 'collector',
        version: null,
        tail: 5,
        follow: true,
      },
    ],
  ])('%j is read', (args, command) => {
    expect(readCommandLine(args, {})).toEqual(command);
  });

  it('a variable names the configuration, unless an option does', () => {
    const environment = { MUSTER_AGENT_CONFIG: 'b.yaml' };
    expect(readCommandLine([], environment).config).toBe('b.yaml');
    expect(readCommandLine(['--config', 'a.yaml'], environment).config).toBe('a.yaml');
  });

  it.each([
    [['walk'], 'expected run, check, logs or drain; got walk'],
    [['logs'], 'expected the id of a plugin after logs; got none'],
    [['drain'], 'expected --local after drain'],
    [['check', 'x'], 'expected no argument after check; got x'],
    [['logs', 'a', '-n', 'x'], '--tail: expected a number of lines; got x'],
    [['--confg', 'x'], '--confg'],
  ])('%j is refused with words', (args, words) => {
    expect(() => readCommandLine(args, {})).toThrow(words);
  });
});
