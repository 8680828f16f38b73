import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { asRequestError, type RequestError } from '../data/requestError.ts';
import { Failure, Loading } from '../ui/Feedback.tsx';

/**
 * A view that is loaded when it is first shown, so that the first page of the console stays small (K12).
 *
 * @param load imports it
 */
export function lazyView<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let loaded: ComponentType<Props> | null = null;
  return function LazyView(props: Props) {
    const [View, setView] = useState<ComponentType<Props> | null>(() => loaded);
    const [error, setError] = useState<RequestError | null>(null);
    useEffect(() => {
      if (View !== null || error !== null) return;
      load().then(
        (view) => {
          loaded = view;
          setView(() => view);
        },
        (thrown: unknown) => setError(asRequestError(thrown)),
      );
    }, [View, error]);
    if (View !== null) return <View {...props} />;
    return (
      <div class="page">{error === null ? <Loading /> : <Failure error={error} onRetry={() => setError(null)} />}</div>
    );
  };
}
