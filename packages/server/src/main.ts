import { startLog } from './observe/startLog.ts';
import { stopSignal } from './stopSignal.ts';

/** O8: before all that takes time, as loading the server does, it says what it does, and hears signals. */
const log = startLog(process.env);
const signal = stopSignal(log);
log.info('Muster starts');

const { serve } = await import('./serve.ts');
await serve(signal);
