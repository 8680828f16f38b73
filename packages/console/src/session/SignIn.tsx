import { KeyRound } from 'lucide';
import { useState } from 'preact/hooks';
import { useServices } from '../app/services.ts';
import { Button } from '../ui/Button.tsx';
import { Check, Field } from '../ui/Field.tsx';
import { Icon } from '../ui/Icon.tsx';

/** Asks for a credential; the place that was asked for is shown afterwards. */
export function SignIn({ refusal }: { readonly refusal: string | null }) {
  const { session, label } = useServices();
  const [token, setToken] = useState('');
  const [remembers, setRemembers] = useState(false);
  return (
    <main class="sign-in">
      <form
        class="card"
        onSubmit={(event) => {
          event.preventDefault();
          if (token.trim() !== '') session.use(token, remembers);
        }}
      >
        <header>
          <span class="sign-in-icon">
            <Icon of={KeyRound} size={20} />
          </span>
          <h1>Sign in to Muster</h1>
          {label && <p class="muted">{label}</p>}
        </header>
        {refusal !== null && (
          <div class="callout" data-tone="bad" role="alert">
            <p>
              <strong>The credential was not accepted.</strong> {refusal}
            </p>
          </div>
        )}
        <Field
          label="API key or JWT"
          hint={
            <>
              An administrator makes one with <code>muster keys create</code>.
            </>
          }
        >
          {(ids) => (
            <input
              {...ids}
              type="password"
              autoComplete="current-password"
              spellcheck={false}
              required
              value={token}
              onInput={(event) => setToken(event.currentTarget.value)}
            />
          )}
        </Field>
        <Check
          label="Remember on this device"
          hint="Otherwise it is forgotten with the browser's tab."
          checked={remembers}
          onChange={setRemembers}
        />
        <Button type="submit" kind="primary">
          Sign in
        </Button>
      </form>
    </main>
  );
}
