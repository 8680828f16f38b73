import { arch, cpus, hostname, networkInterfaces, platform, totalmem } from 'node:os';

/** A resource, as the Collector sends it. */
export interface Resource {
  readonly kind: string;
  readonly name: string;
  readonly data: Readonly<Record<string, string>>;
}

/** Collects the machine, its processors and its networks. */
export function* collectResources(): Generator<Resource> {
  yield {
    kind: 'machine',
    name: hostname(),
    data: { platform: platform(), architecture: arch(), memoryMib: String(Math.round(totalmem() / 2 ** 20)) },
  };
  for (const [index, { model }] of cpus().entries())
    yield { kind: 'processor', name: `processor-${index}`, data: { model } };
  for (const [name, addresses = []] of Object.entries(networkInterfaces())) {
    yield { kind: 'network', name, data: { addresses: addresses.map(({ address }) => address).join(' ') } };
  }
}
