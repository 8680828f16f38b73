/** An error that ends the demo; its message is all that the person who started the demo needs. */
export class DemoError extends Error {
  override readonly name = 'DemoError';
}
