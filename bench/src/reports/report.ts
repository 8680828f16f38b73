/** What every agent of these benches says, whichever server it says it to. */
export interface Report {
  readonly domainId: string;
  readonly name: string;
  readonly hostname: string;
  readonly plugins: readonly ReportedPlugin[];
}

export interface ReportedPlugin {
  readonly pluginId: string;
  readonly version: string;
  readonly state: 'ACTIVE' | 'ERROR';
  readonly endpoint: string;
}

const supervisorsADomain = 100;

/** The report of one supervisor, of which every plugin is active; where it is flipped, one plugin has failed. */
export function reportOf(supervisor: number, plugins: number, isFlipped: boolean): Report {
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

/** Which plugin of a supervisor it is that fails and recovers: not the same place in everybody's report. */
export function flippingPlugin(supervisor: number, plugins: number): number {
  return supervisor % plugins;
}
