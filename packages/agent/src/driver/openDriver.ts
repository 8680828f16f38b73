import { join } from 'node:path';
import type { AgentConfig } from '../config/agentConfig.ts';
import type { Driver } from './driver.ts';

/** Opens the engine that agent.yaml names. Only that driver's code is loaded. @throws DriverError or ConfigError if it can't be used here */
export async function openDriver(config: AgentConfig, owner: string): Promise<Driver> {
  const { docker, kubernetes, registries, process, stateFolder } = config;
  switch (config.driver) {
    case 'docker': {
      const { openDockerDriver } = await import('./docker/dockerDriver.ts');
      return openDockerDriver({ ...docker, registries, owner });
    }
    case 'process': {
      const { openProcessDriver } = await import('./process/processDriver.ts');
      return openProcessDriver({ ...process, folder: join(stateFolder, 'processes'), owner });
    }
    case 'kubernetes': {
      const { openKubernetesDriver } = await import('./kubernetes/kubernetesDriver.ts');
      return openKubernetesDriver({ ...kubernetes, owner });
    }
  }
}
