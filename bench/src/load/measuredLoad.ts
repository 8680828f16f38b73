import { cpuSeconds, familyCpuSeconds, residentBytes } from '../procfs.ts';
import type { LoadProcess } from './loadProcess.ts';
import type { LoadOrder, LoadResult } from './loadProtocol.ts';

/** The figures of a server under a load; CPU times are per request. */
export interface MeasuredLoad extends LoadResult {
  readonly requestsASecond: number;
  readonly serverMicros: number;
  readonly databaseMicros: number;
  /** Of the process that makes the load. */
  readonly loadMicros: number;
  /** The server's memory after the load. */
  readonly residentBytes: number;
}

/** The processes whose CPU time is measured. */
export interface Measured {
  /** The server. */
  readonly pid: number;
  /** PostgreSQL's first process, with all its children. */
  readonly postmaster: number;
}

/** Makes a load and measures the CPU time meanwhile. */
export async function measureLoad(load: LoadProcess, order: LoadOrder, measured: Measured): Promise<MeasuredLoad> {
  const look = () =>
    Promise.all([cpuSeconds(measured.pid), familyCpuSeconds(measured.postmaster), cpuSeconds(load.pid)]);
  const [serverBefore, databaseBefore, loadBefore] = await look();
  const result = await load.run(order);
  const [serverAfter, databaseAfter, loadAfter] = await look();
  return {
    ...result,
    requestsASecond: result.requests / result.seconds,
    serverMicros: ((serverAfter - serverBefore) / result.requests) * 1e6,
    residentBytes: await residentBytes(measured.pid),
    databaseMicros: ((databaseAfter - databaseBefore) / result.requests) * 1e6,
    loadMicros: ((loadAfter - loadBefore) / result.requests) * 1e6,
  };
}
