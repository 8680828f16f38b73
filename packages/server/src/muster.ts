/** The one program of the bundle: `serve` starts the server, and every other word is a command (`--help` lists them). */
await (process.argv[2] === 'serve' ? import('./main.ts') : import('./cli/main.ts'));
