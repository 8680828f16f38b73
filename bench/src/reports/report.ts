/** A report of these benches, the same for every server. */
export interface Report {
  readonly domainId: string;
  readonly name: string;
  readonly hostname: string;
  readonly plugins: readonly ReportedPlugin[];
}

/** A plugin of a report. */
export interface ReportedPlugin {
  readonly pluginId: string;
  readonly version: string;
  readonly state: 'ACTIVE' | 'ERROR';
  readonly endpoint: string;
}

const supervisorsADomain = 100;

/** Creates the report of a supervisor: every plugin is active, or, if flipped, one plugin has failed. */
export function createReport(supervisor: number, plugins: number, isFlipped: boolean): Report {
  const failed = isFlipped ? flippingPlugin(supervisor, plugins) : undefined;
  return {
    domainId: `domain-bench-${Math.floor(supervisor / supervisorsADomain)}`,
    name: `bench-${supervisor}`,
    hostname: `bench-${supervisor}.example.internal`,
    plugins: Array.from({ length: plugins }, (_, index) => ({
      pluginId: `plugin-aws-ec2-inven-collector-${index}`,
      version: '1.2.2',
      state: index === failed ? 'ERROR' : 'ACTIVE',
      endpoint: `grpc://172.16.16.130:${50_000 + index}`,
    })),
  };
}

/** Index of the plugin that fails and recovers; it differs between supervisors. */
export function flippingPlugin(supervisor: number, plugins: number): number {
  return supervisor % plugins;
}
