import { describe, expect, it } from 'vitest';
import { createReport } from './report.ts';

describe('a report', () => {
  it('says that all plugins are active, or, flipped, that one has failed', () => {
    const states = (isFlipped: boolean) => createReport(4, 3, isFlipped).plugins.map(({ state }) => state);
    expect(states(false)).toEqual(['ACTIVE', 'ACTIVE', 'ACTIVE']);
    expect(states(true)).toEqual(['ACTIVE', 'ERROR', 'ACTIVE']);
  });

  it('names its supervisor', () => {
    const { domainId, hostname } = createReport(250, 1, false);
    expect({ domainId, hostname }).toEqual({ domainId: 'domain-bench-2', hostname: 'bench-250.example.internal' });
  });
});
