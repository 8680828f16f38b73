import { cpuSeconds, familyCpuSeconds, residentBytes } from '../procfs.ts';
import type { LoadProcess } from './loadProcess.ts';
import type { LoadOrder, LoadResult } from './loadProtocol.ts';

/** What a server did under a load. */
export interface MeasuredLoad extends LoadResult {
  readonly requestsASecond: number;
  readonly serverMicros: number;
  readonly databaseMicros: number;
  /** The server's memory by then. */
  readonly residentBytes: number;
}

/** The processes whose CPU time counts. */
export interface Measured {
  /** The server's. */
  readonly pid: number;
  readonly postmaster: number;
}

/** Has the load made, and says what CPU time a request took meanwhile. */
export async function measureLoad(load: LoadProcess, order: LoadOrder, measured: Measured): Promise<MeasuredLoad> {
  const look = () => Promise.all([cpuSeconds(measured.pid), familyCpuSeconds(measured.postmaster)]);
  const [serverBefore, databaseBefore] = await look();
  const result = await load.run(order);
  const [serverAfter, databaseAfter] = await look();
  return {
    ...result,
    requestsASecond: result.requests / result.seconds,
    serverMicros: ((serverAfter - serverBefore) / result.requests) * 1e6,
    residentBytes: await residentBytes(measured.pid),
    databaseMicros: ((databaseAfter - databaseBefore) / result.requests) * 1e6,
  };
}
