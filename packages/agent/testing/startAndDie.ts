import { openProcessDriver } from '../src/driver/process/processDriver.ts';
import type { RunSpec } from '../src/driver/runSpec.ts';

/*
 * Runs as a separate process: starts the plugin that the second argument says, in the folder that the first one names,
 * says its id, and kills itself, as an agent that crashes.
 */
const [folder = '', text = ''] = process.argv.slice(2);
const spec: RunSpec = JSON.parse(text);
const { owner } = spec.identity;
const driver = await openProcessDriver({ owner, folder, executables: ['/bin/sh'], stopsWithAgent: false });
const id = await driver.create(spec);
await driver.start(id);
process.stdout.write(id, () => process.kill(process.pid, 'SIGKILL'));
