import { useGraphiQL, useMonaco } from '@graphiql/react';
import { GraphiQL } from 'graphiql';
import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { CredentialBar } from './CredentialBar.tsx';
import type { Credential } from './credential.ts';
import { examples } from './examples.ts';
import { createFetcher } from './fetcher.ts';
import { LiveView } from './LiveView.tsx';
import type { LiveStreams } from './liveStreams.ts';

interface PlaygroundProps {
  /** Where GraphQL is answered. */
  readonly url: URL;
  readonly credential: Credential;
  readonly streams: LiveStreams;
  /** A document to begin with. */
  readonly query: string | null;
}

/** GraphiQL with a credential for all of it, and subscriptions that go on while other tabs are shown. */
export function Playground({ url, credential, streams, query }: PlaygroundProps) {
  const { monaco, actions } = useMonaco();
  useEffect(() => void actions.initialize(), [actions]);
  const { text } = useSyncExternalStore(credential.subscribe, credential.get);
  const [tab] = useState(() => ({ shown: '' }));
  // GraphiQL asks for the schema again whenever it gets another fetcher.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another credential may see another schema
  const fetcher = useMemo(
    () => createFetcher({ url, credential, streams, activeTab: () => tab.shown }),
    [url, credential, streams, tab, text],
  );
  const [onTab] = useState(() => (id: string) => {
    tab.shown = id;
  });
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it listens to what its parts leave
    <div className="playground" onPointerDownCapture={holdTabs} onKeyDown={leaveEditor}>
      <CredentialBar credential={credential} home={new URL('.', url)} />
      {/* Before its editors are there, GraphiQL shows the wrong document for a tab that was clicked. */}
      {monaco && (
        <GraphiQL
          fetcher={fetcher}
          defaultTabs={examples.map((example) => ({ query: example }))}
          {...(query !== null && { initialQuery: query })}
          shouldPersistHeaders={false}
          showPersistHeadersSettings={false}
        >
          <GraphiQL.Logo>
            <span />
          </GraphiQL.Logo>
          <GraphiQL.Footer>
            <LiveView streams={streams} onTab={onTab} />
          </GraphiQL.Footer>
          <WrappedLines />
        </GraphiQL>
      )}
    </div>
  );
}

/** Long lines of the document, as comments are, go on below. */
function WrappedLines() {
  const editor = useGraphiQL((state) => state.queryEditor);
  useEffect(() => editor?.updateOptions({ wordWrap: 'on' }), [editor]);
  return null;
}

/** GraphiQL takes a click whose pointer moves a little for a drag of the tab, so no drag begins. */
function holdTabs(event: PointerEvent): void {
  if (event.target instanceof Element && event.target.closest('.graphiql-tab')) event.stopPropagation();
}

/** Escape leaves an editor, which keeps the Tab key for itself; Enter goes in again. */
function leaveEditor({ key, target }: KeyboardEvent): void {
  if (key !== 'Escape' || !(target instanceof HTMLElement)) return;
  target.closest('.monaco-editor')?.closest<HTMLElement>('[tabindex="0"]')?.focus();
}
