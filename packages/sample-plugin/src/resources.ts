import { arch, cpus, hostname, networkInterfaces, platform, totalmem } from 'node:os';

/** A resource, as the Collector sends it. */
export interface Resource {
  readonly kind: string;
  readonly name: string;
  readonly details: readonly string[];
}

/** Collects the machine, its processors and its networks. */
export function* collectResources(): Generator<Resource> {
  const memory = `${Math.round(totalmem() / 2 ** 20)} MiB`;
  yield { kind: 'machine', name: hostname(), details: [platform(), arch(), memory] };
  for (const [index, { model }] of cpus().entries()) {
    yield { kind: 'processor', name: `processor-${index}`, details: [model] };
  }
  for (const [name, addresses = []] of Object.entries(networkInterfaces())) {
    yield { kind: 'network', name, details: addresses.map(({ address }) => address) };
  }
}
