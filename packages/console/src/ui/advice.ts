/** Words to a person about an error code. */
interface Advice {
  readonly title: string;
  readonly advice: string;
}

const advices: Readonly<Record<string, Advice>> = {
  NO_ANSWER: {
    title: 'The server does not answer',
    advice: 'It may be restarting, or the network is down. The page tries again by itself.',
  },
  UNAUTHENTICATED: { title: 'You are signed out', advice: 'Sign in with a credential that the server accepts.' },
  FORBIDDEN: {
    title: 'You may not do this',
    advice: 'Your credential lacks the right. Ask an administrator for one with a higher role, or of this domain.',
  },
  NOT_FOUND: {
    title: 'It is not there',
    advice: 'It was deleted, or it belongs to a domain that you may not see.',
  },
  BAD_USER_INPUT: { title: 'The server did not understand', advice: 'Correct what the message names, and try again.' },
  SUPERVISOR_STATE: {
    title: 'The supervisor is in another state',
    advice: 'Its state has changed, or does not allow this. Look at the state that the message names first.',
  },
  PLUGIN_STATE: {
    title: 'The plugin or rollout is in another state',
    advice: 'Its state has changed, or does not allow this. Wait until it has settled, or look at what it is doing.',
  },
  INSTALLED_PLUGIN_EXISTS: {
    title: 'Plugins are still installed there',
    advice: 'Drain the supervisor or uninstall its plugins first, or force it.',
  },
  NO_POSSIBLE_SUPERVISOR: {
    title: 'No supervisor can take the plugin',
    advice: 'Loosen the labels, or enable, register or uncordon a supervisor.',
  },
  RECOVER_NOT_SUPPORTED: {
    title: 'The plugin cannot be recovered now',
    advice: 'Its supervisor has to be enabled and connected.',
  },
  CURSOR_EXPIRED: {
    title: 'That place in the history is gone',
    advice: 'History is kept for a limited time. Go to the newest events.',
  },
  RATE_LIMITED: { title: 'Too many requests', advice: 'The server asks for a pause. The page tries again by itself.' },
  TOO_COMPLEX: { title: 'That is too much at once', advice: 'Narrow the filter.' },
  TIMED_OUT: { title: 'It took too long', advice: 'Narrow the filter, or try again when the server is less busy.' },
  LIMIT: { title: 'A limit is reached', advice: 'Remove what is no longer needed, or ask for a higher limit.' },
  UNAVAILABLE: {
    title: 'The server is not ready',
    advice: 'It is starting, stopping, or its database is away. The page tries again by itself.',
  },
};

const unknown: Advice = {
  title: 'Something failed',
  advice: 'The server has logged what happened. Try again; if it stays so, look at its log.',
};

/** Words about an error code (docs/errors.md), and what to do about it. */
export function adviceFor(code: string): Advice {
  return advices[code] ?? unknown;
}
