import { describe, expect, it } from 'vitest';
import type { Observed } from '../driver/observed.ts';
import { newRecord } from './record.ts';
import { type ReportContext, reportOf } from './report.ts';

const identity = { owner: 'o', domainId: 'd', pluginId: 'p', version: '1', specHash: 'h', agentVersion: '0' };
const running = (generation: number, change: Partial<Observed> = {}): Observed => ({
  id: `g${generation}`,
  identity: { ...identity, generation },
  status: 'RUNNING',
  startedAtMs: 1,
  exitCode: null,
  reason: null,
  ports: [{ name: 'grpc', host: '127.0.0.1', port: 40_001, advertisedHost: null }],
  ...change,
});

function report(things: readonly Observed[], change: Partial<ReportContext & ReportContext['view']> = {}) {
  const {
    target = { generation: 2, specHash: 'h' },
    record = null,
    healthOf = () => 'HEALTHY' as const,
    ...rest
  } = change;
  return reportOf({
    view: { target, things, record, healthOf, runsBeside: true, restartsItself: false, nowMs: 0 },
    plugin: { domainId: 'd', pluginId: 'p', version: '1' },
    ports: [{ name: 'grpc', port: 50_051, scheme: 'grpcs' }],
    advertisedHost: 'host.example',
    fault: null,
    healthFaultOf: () => null,
    ...rest,
  });
}

describe('a report', () => {
  it('G10: has the endpoints of what is healthy: the scheme of the spec, the port of the engine, the host that others reach', () => {
    expect(report([running(2)])?.endpoints).toEqual(['grpcs://host.example:40001']);
    expect(report([running(2)], { advertisedHost: '2001:db8::1' })?.endpoint).toBe('grpcs://[2001:db8::1]:40001');
    const ports = [{ name: 'grpc', host: '127.0.0.1', port: 1, advertisedHost: 'echo.plugins.svc' }];
    expect(report([running(2, { ports })])?.endpoint).toBe('grpcs://echo.plugins.svc:1');
    expect(report([running(2)], { healthOf: () => 'STARTING' })).not.toHaveProperty('endpoint');
  });

  it('G4, P3: is about the old generation until the new one is there, and never says the new number of it', () => {
    expect(report([running(1)])).toMatchObject({ state: 'ACTIVE', observedGeneration: 1 });
    expect(report([running(1), running(2)], { healthOf: () => 'STARTING' })).toMatchObject({
      state: 'PROVISIONING',
      observedGeneration: 2,
    });
  });

  it('G5: says ERROR of attempts that failed too often, though the old generation still runs', () => {
    const record = { ...newRecord(2, 'h'), failures: 5, message: 'manifest unknown' };
    expect(report([running(1)], { record })).toMatchObject({
      state: 'ERROR',
      observedGeneration: 2,
      message: 'manifest unknown',
    });
    expect(report([], { record: { ...record, failures: 4 } })).toMatchObject({ state: 'PROVISIONING' });
  });

  it('goes on about what is wanted no more until it is gone', () => {
    expect(report([running(1)], { target: null })).toMatchObject({ state: 'ACTIVE', observedGeneration: 1 });
    expect(report([], { target: null })).toBeNull();
  });
});
