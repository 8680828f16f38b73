/**
 * The one program of the bundle: `serve` starts the server, and everything else is for the commands (`--help` lists them).
 */
const [command, ...rest] = process.argv.slice(2);
await (command === 'serve' && rest.length === 0 ? import('./main.ts') : import('./cli/main.ts'));
