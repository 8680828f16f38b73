/** Ends the demo; its message is for whoever started it, and says all that they need. */
export class DemoError extends Error {
  override readonly name = 'DemoError';
}
