/**
 * Loaded into a server before its own code (`--import`), so that the bench can have its garbage collected, whatever the
 * server is: what is left then is what it needs.
 */
process.on('SIGUSR2', () => {
  globalThis.gc?.({ type: 'major', flavor: 'last-resort', execution: 'sync' });
});
