import { fileURLToPath } from 'node:url';
import type {
  handleServerStreamingCall,
  handleUnaryCall,
  ServiceDefinition,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { collectResources, type Resource } from './resources.ts';

/** The description of the Collector, for servers, reflection and clients. */
export const collectorPackage = loadSync('muster/sample/v1/collector.proto', {
  includeDirs: [fileURLToPath(new URL('../proto', import.meta.url))],
  keepCase: true,
  defaults: true,
});

/** The name of the Collector, by which health is asked for, too. */
export const collectorName = 'muster.sample.v1.Collector';

/** The Collector's methods, with their messages. */
export const collectorService = collectorPackage[collectorName] as ServiceDefinition;

/** Who answers a `verify`. */
export interface Identity {
  readonly pluginId: string;
  readonly version: string;
}

interface VerifyResponse {
  is_valid: boolean;
  plugin_id: string;
  version: string;
  process_id: number;
}

/** The Collector of a plugin. */
export function createCollector({ pluginId, version }: Identity): UntypedServiceImplementation {
  const verify: handleUnaryCall<object, VerifyResponse> = (_call, answer) =>
    answer(null, { is_valid: true, plugin_id: pluginId, version, process_id: process.pid });
  const collect: handleServerStreamingCall<{ kinds: string[] }, Resource> = (call) => {
    const { kinds } = call.request;
    for (const resource of collectResources()) {
      if (kinds.length === 0 || kinds.includes(resource.kind)) call.write(resource);
    }
    call.end();
  };
  return { verify, collect };
}
