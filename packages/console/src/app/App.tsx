import { useEffect, useState } from 'preact/hooks';
import { asRequestError, type RequestError } from '../data/requestError.ts';
import { SignIn } from '../session/SignIn.tsx';
import { Failure, Loading } from '../ui/Feedback.tsx';
import { Frame } from './Frame.tsx';
import { type Services, ServicesProvider } from './services.ts';

/** How often a server that doesn't answer is asked again. */
const retryMs = 3_000;

/** The whole page: the views, or what has to come before them. */
export function App({ services }: { readonly services: Services }) {
  const state = services.session.state.value;
  return (
    <ServicesProvider value={services}>
      {state.kind === 'asking' && <Asking services={services} />}
      {state.kind === 'signed-out' && <SignIn refusal={state.refusal} />}
      {state.kind === 'signed-in' && <Frame />}
    </ServicesProvider>
  );
}

function Asking({ services }: { readonly services: Services }) {
  const [error, setError] = useState<RequestError | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const ask = () => {
      services.askViewer().catch((thrown: unknown) => {
        setError(asRequestError(thrown));
        timer = setTimeout(ask, retryMs);
      });
    };
    ask();
    return () => clearTimeout(timer);
  }, [services]);
  return <main class="sign-in">{error ? <Failure error={error} /> : <Loading lines={3} />}</main>;
}
