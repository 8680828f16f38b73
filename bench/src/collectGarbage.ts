/**
 * Loaded into a server before its own code (`--import`), so that the bench can ask any server to collect its garbage:
 * the memory that is left is the memory that the server needs.
 */
process.on('SIGUSR2', () => {
  globalThis.gc?.({ type: 'major', flavor: 'last-resort', execution: 'sync' });
});
