import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/**
 * Makes the generated files that are missing or old, before a command that needs them. Answers of commands go to standard
 * output alone, so this says what it does on standard error, and only where it takes a while or fails.
 */
const saysAfterMs = 300;

const timer = setTimeout(() => {
  process.stderr.write(
    'Muster: making its generated files; the first time, and after changes, that takes some seconds\n',
  );
}, saysAfterMs);
const turbo = spawn('turbo', ['run', 'generate', '--output-logs=errors-only', '--log-prefix=none'], {
  stdio: ['ignore', 'pipe', 'pipe'],
});
const [output, errors, [code]] = await Promise.all([text(turbo.stdout), text(turbo.stderr), once(turbo, 'close')]);
clearTimeout(timer);
if (code !== 0) {
  process.stderr.write(`${output}${errors}`);
  process.exitCode = 1;
}
