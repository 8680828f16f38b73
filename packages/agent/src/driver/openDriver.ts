import { join } from 'node:path';
import type { AgentConfig } from '../config/agentConfig.ts';
import { ConfigError } from '../config/configError.ts';
import type { Driver } from './driver.ts';

/** Opens the engine that agent.yaml names. Only that driver's code is loaded. @throws DriverError if it can't be used here */
export async function openDriver(config: AgentConfig, owner: string): Promise<Driver> {
  const { docker, registries, process, stateFolder } = config;
  switch (config.driver) {
    case 'docker': {
      const { openDockerDriver } = await import('./docker/dockerDriver.ts');
      return openDockerDriver({ ...docker, registries, owner });
    }
    case 'process': {
      const { openProcessDriver } = await import('./process/processDriver.ts');
      return openProcessDriver({ ...process, folder: join(stateFolder, 'processes'), owner });
    }
    case 'kubernetes':
      throw new ConfigError('driver: expected docker or process; kubernetes is not built yet');
  }
}
