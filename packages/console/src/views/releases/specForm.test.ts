import { describe, expect, test } from 'vitest';
import { emptyPort, emptySpec, emptyVariable, formOf, specOf, specProblem } from './specForm.ts';

const published = {
  image: 'registry.example.com/collector:1.4.0',
  command: ['/bin/collect', 'a word with spaces'],
  arguments: ['--interval', '30s'],
  environment: [
    { name: 'LOG_LEVEL', value: 'info', secret: null },
    { name: 'TOKEN', value: null, secret: 'collector-token' },
    { name: 'EMPTY', value: '', secret: null },
  ],
  ports: [{ name: 'grpc', port: 50_051, scheme: 'grpc' }],
  health: { kind: 'HTTP', port: 'grpc', path: '/healthz', service: null, intervalSeconds: 5 },
  resources: { memoryMib: 256, cpuMillis: null },
  stopTimeoutSeconds: 20,
} as const;

describe('the form of a release', () => {
  test('C1: gives a spec back as it was published', () => {
    expect(specOf(formOf(published))).toEqual({
      ...published,
      environment: [
        { name: 'LOG_LEVEL', value: 'info' },
        { name: 'TOKEN', secret: 'collector-token' },
        { name: 'EMPTY', value: '' },
      ],
      health: { kind: 'HTTP', port: 'grpc', path: '/healthz', intervalSeconds: 5 },
      resources: { memoryMib: 256 },
    });
  });

  test('leaves out what is left empty, so that the server’s defaults hold', () => {
    expect(specOf({ ...emptySpec, ports: [] })).toEqual({});
  });

  test('sends nothing of a health check that its kind doesn’t take', () => {
    const typed = { ...emptySpec, ports: [], healthPort: 'grpc', healthPath: '/healthz', healthService: 'all' };
    expect(specOf({ ...typed, healthKind: 'GRPC' }).health).toEqual({ kind: 'GRPC', port: 'grpc', service: 'all' });
    expect(specOf({ ...typed, healthKind: 'HTTP' }).health).toEqual({ kind: 'HTTP', port: 'grpc', path: '/healthz' });
    expect(specOf({ ...typed, healthKind: 'NONE' }).health).toEqual({ kind: 'NONE' });
  });

  test.each([
    [{ environment: [emptyVariable] }, 'expected a name of each variable'],
    [{ environment: [{ name: 'A', isSecret: true, text: '' }] }, 'expected a name of each secret'],
    [{ ports: [emptyPort] }, 'expected a name and a number of each port'],
    [{}, null],
  ])('%j: %s', (part, problem) => {
    expect(specProblem({ ...emptySpec, ...part })).toBe(problem);
  });
});
