import { pick, useGraphiQL } from '@graphiql/react';
import { useEffect, useSyncExternalStore } from 'react';
import { fieldsOf, type LiveEntry, type LiveLog, type LiveState, mostEntries } from './liveLog.ts';
import type { LiveStreams } from './liveStreams.ts';

interface LiveViewProps {
  readonly streams: LiveStreams;
  /** Is called with the id of the tab that is shown. */
  readonly onTab: (tab: string) => void;
}

const words: Readonly<Record<LiveState, string>> = {
  connecting: 'Connecting',
  live: 'Live',
  reconnecting: 'Connection lost, connecting again',
  ended: 'Ended',
};

/** The log of the subscription in the tab that is shown, in place of a result. */
export function LiveView({ streams, onTab }: LiveViewProps) {
  const { tabs, activeTabIndex } = useGraphiQL(pick('tabs', 'activeTabIndex'));
  const tab = tabs[activeTabIndex]?.id ?? '';
  useEffect(() => onTab(tab), [onTab, tab]);
  useEffect(() => streams.keepOnly(new Set(tabs.map(({ id }) => id))), [streams, tabs]);
  const log = useSyncExternalStore(streams.subscribe, () => streams.logOf(tab));
  return log ? <Log log={log} onStop={() => streams.stop(tab)} /> : null;
}

function Log({ log, onStop }: { readonly log: LiveLog; readonly onStop: () => void }) {
  const dropped = log.events > mostEntries ? `, the last ${mostEntries} are here` : '';
  return (
    <section className="live" aria-label="Live events">
      <header className="live-state">
        <span role="status" data-state={log.state}>
          {words[log.state]}
        </span>
        <span>
          {log.events} {log.events === 1 ? 'event' : 'events'}
          {dropped}
        </span>
        {log.state !== 'ended' && (
          <button type="button" onClick={onStop}>
            Stop
          </button>
        )}
      </header>
      {log.entries.length === 0 && <p>Nothing has come yet. Events will be listed here, the newest first.</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keyboard too */}
      <ol aria-label="Events, newest first" tabIndex={0}>
        {log.entries.map((entry) => (
          <Entry key={entry.id} entry={entry} />
        ))}
      </ol>
    </section>
  );
}

function Entry({ entry: { at, kind, content } }: { readonly entry: LiveEntry }) {
  const time = <time dateTime={at.toISOString()}>{timeOf(at)}</time>;
  if (typeof content === 'string') {
    return (
      <li data-kind={kind}>
        {time} {content}
      </li>
    );
  }
  return (
    <li data-kind={kind}>
      <details>
        <summary>
          {time}
          {fieldsOf(content).map(([path, value]) => (
            <span key={path}>
              {' '}
              <b>{path}</b> {value}
            </span>
          ))}
        </summary>
        <pre>{JSON.stringify(content, null, 2)}</pre>
      </details>
    </li>
  );
}

const timeOf = (at: Date) =>
  at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 });
