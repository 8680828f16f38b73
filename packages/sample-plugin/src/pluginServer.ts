import { promisify } from 'node:util';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';
import { collectorName, collectorPackage, collectorService, createCollector, type Identity } from './collector.ts';

/** The plugin's running server. */
export interface PluginServer {
  readonly port: number;
  /** Says that it doesn't serve any more, finishes the calls under way, and ends. */
  stop(): Promise<void>;
}

/**
 * Serves the Collector, its health and its description.
 *
 * @param port where, on all addresses; 0: a free one
 * @throws Error if the port is taken
 */
export async function startPluginServer({ port, ...identity }: Identity & { port: number }): Promise<PluginServer> {
  const server = new Server();
  // The empty name stands for the whole server: it is what agents ask for where nobody names a service.
  const health = new HealthImplementation({ '': 'SERVING', [collectorName]: 'SERVING' });
  health.addToServer(server);
  new ReflectionService(collectorPackage).addToServer(server);
  server.addService(collectorService, createCollector(identity));
  const bind = promisify<string, ServerCredentials, number>(server.bindAsync.bind(server));
  const bound = await bind(`0.0.0.0:${port}`, ServerCredentials.createInsecure());
  const shutdown = promisify(server.tryShutdown.bind(server));
  return {
    port: bound,
    stop: () => {
      for (const name of ['', collectorName]) health.setStatus(name, 'NOT_SERVING');
      return shutdown();
    },
  };
}
