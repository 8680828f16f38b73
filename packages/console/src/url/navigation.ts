import { type ReadonlySignal, signal } from '@preact/signals';

/** The view that the URL names. */
interface Place {
  /** The path below the console, from its slash on: `/supervisors`. */
  readonly path: string;
  readonly params: URLSearchParams;
}

/** Reads and changes the URL. All that a reload must bring back lives there (K6). */
export interface Navigation {
  readonly place: ReadonlySignal<Place>;
  /** The URL of a place. */
  href(path: string, params?: URLSearchParams): string;
  /** Goes to a place. @param replaces whether the present one can't be gone back to */
  go(path: string, params?: URLSearchParams, replaces?: boolean): void;
  /** How the present place was come to: by loading the page, onwards, or back and forth in the browser's history. */
  lastMove(): 'load' | 'on' | 'history';
  close(): void;
}

/**
 * Opens the navigation. Clicks on links below the console don't load a page anew.
 *
 * @param base where the console lies, with a slash at its end
 */
export function openNavigation(base: URL): Navigation {
  const read = (): Place => ({
    path: decodeURI(location.pathname.slice(base.pathname.length - 1)) || '/',
    params: new URLSearchParams(location.search),
  });
  const place = signal(read());
  let lastMove: ReturnType<Navigation['lastMove']> = 'load';
  const href = (path: string, params?: URLSearchParams) => {
    const search = params?.size ? `?${params}` : '';
    return base.pathname.slice(0, -1) + path + search;
  };

  function show(url: string, replaces: boolean): void {
    if (replaces) history.replaceState(null, '', url);
    else history.pushState(null, '', url);
    lastMove = 'on';
    place.value = read();
  }

  function onClick(event: MouseEvent): void {
    const { target, button, defaultPrevented } = event;
    const anchor = target instanceof Element ? target.closest('a') : null;
    const isPlain = button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (!anchor || defaultPrevented || !isPlain || anchor.target !== '' || anchor.hasAttribute('download')) return;
    if (anchor.origin !== location.origin || !anchor.pathname.startsWith(base.pathname)) return;
    event.preventDefault();
    show(anchor.href, anchor.href === location.href);
  }

  const onPopState = () => {
    lastMove = 'history';
    place.value = read();
  };
  document.addEventListener('click', onClick);
  addEventListener('popstate', onPopState);
  return {
    place,
    href,
    go: (path, params, replaces = false) => show(href(path, params), replaces),
    lastMove: () => lastMove,
    close: () => {
      document.removeEventListener('click', onClick);
      removeEventListener('popstate', onPopState);
    },
  };
}
