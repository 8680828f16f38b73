import { startLog } from './observe/startLog.ts';
import { stopSignal } from './stopSignal.ts';

/** How long what no longer matters may keep the process up, such as a question to a database that is silent, in milliseconds. */
const leftoversMs = 500;

/** O8: before all that takes time, as loading the server does, it says what it does, and hears signals. */
const log = startLog(process.env);
const signal = stopSignal(log);
log.info('Muster starts');

const { serve } = await import('./serve.ts');
await serve(signal);
setTimeout(() => process.exit(), leftoversMs).unref();
