import { describe, expect, it } from 'vitest';
import { formatLine } from './narrator.ts';

const noon = new Date(2026, 0, 2, 12, 3, 4);

describe('a line of the demo', () => {
  it('has time, domain, actor, what and result', () => {
    const narration = { domain: 'acme', actor: 'operator', what: 'registers dev', result: 'ENABLED' };
    expect(formatLine(noon, narration)).toBe('12:03:04  acme     operator               registers dev -> ENABLED');
  });

  it('ends with what was done where nothing came of it', () => {
    const narration = { domain: '', actor: 'demo', what: 'waits', result: '' };
    expect(formatLine(noon, narration)).toMatch(/ waits$/);
  });
});
