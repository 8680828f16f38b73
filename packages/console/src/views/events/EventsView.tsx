import { History, Pause, Play } from 'lucide';
import { useState } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import type { Client } from '../../data/client.ts';
import { useChangeTick } from '../../data/useChangeTick.ts';
import { useRead } from '../../data/useRead.ts';
import { ExportMenu, type ExportPage } from '../../export/ExportMenu.tsx';
import { type EventRowFragment, eventPage } from '../../generated/operations.ts';
import { Button } from '../../ui/Button.tsx';
import { Failure, Loading } from '../../ui/Feedback.tsx';
import { ChoiceFilter, FilterBar } from '../../ui/Filters.tsx';
import { NoRows } from '../../ui/NoRows.tsx';
import { Page } from '../../ui/Page.tsx';
import { wordOf } from '../../ui/states.ts';
import { type UrlQuery, useQuery } from '../../url/useQuery.ts';
import { EventPager } from './EventPager.tsx';
import { EventTable } from './EventTable.tsx';
import { type EventQuery, eventFilter, eventParts, familyNames, targetStates } from './eventQuery.ts';

const shown = 50;
const tailMs = 1_000;

/** Everything that has happened, the newest first: who did what, when and why. */
export function EventsView() {
  const { client } = useServices();
  const url = useQuery(eventParts);
  const { query } = url;
  const { after, before } = query.page;
  const isNewest = after === null && before === null;
  const [isPaused, setPaused] = useState(false);
  const tick = useChangeTick(tailMs);
  // A list of events begins with the oldest; a page is read from its end.
  const page = after === null ? { last: shown, before } : { first: shown, after };
  const read = useRead(eventPage, { filter: eventFilter(query), ...page }, isNewest && !isPaused ? tick : undefined);
  const state = read.state.value;
  return (
    <Page
      title="Events"
      about="Every committed change, in the order of commits."
      actions={
        isNewest && (
          <Button icon={isPaused ? Play : Pause} aria-pressed={isPaused} onClick={() => setPaused(!isPaused)}>
            {isPaused ? 'Go on' : 'Pause'}
          </Button>
        )
      }
    >
      <EventFilters url={url} />
      <div class="list-bar">
        <p class="list-count">{wordsFor(isNewest, isPaused)}</p>
        <div class="list-tools">
          <ExportMenu name="events" read={(from) => readEvents(client, query, from)} />
          {state.kind === 'ready' && <EventPager url={url} pageInfo={state.result.events?.pageInfo ?? noPages} />}
        </div>
      </div>
      {state.kind === 'loading' && <Loading lines={10} />}
      {state.kind === 'error' && <Failure error={state.error} onRetry={read.refresh} />}
      {state.kind === 'ready' && <Events url={url} events={state.result.events?.nodes.toReversed() ?? []} />}
    </Page>
  );
}

function wordsFor(isNewest: boolean, isPaused: boolean): string {
  if (!isNewest) return 'A page of the past, which stays as it is';
  return isPaused ? 'Paused: what happens meanwhile comes afterwards' : 'The newest, as they come';
}

interface EventsProps {
  readonly url: UrlQuery<EventQuery>;
  readonly events: readonly EventRowFragment[];
}

function Events({ url, events }: EventsProps) {
  if (events.length === 0) {
    return (
      <NoRows what="event" icon={History} isFiltered={url.isSet} onClear={url.clear}>
        Whatever changes from now on is listed here.
      </NoRows>
    );
  }
  return <EventTable caption="Events, the newest first" events={events} namesObjects linkOf={linkFor(url, events)} />;
}

const noPages = { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null };

/** A link to a moment: the page whose first row is this event, whatever comes later. */
function linkFor({ href }: UrlQuery<EventQuery>, events: readonly EventRowFragment[]) {
  const newer = new Map(events.map(({ id }, index) => [id, events[index - 1]?.cursor]));
  return (id: string) => {
    const before = newer.get(id);
    return before === undefined ? undefined : href({ page: { after: null, before, offset: 0 } });
  };
}

/** The objects whose events alone may be shown. */
const objectNames = ['supervisor', 'plugin', 'rollout', 'deployment'] as const;

function EventFilters({ url: { query, change, clear, isSet } }: Pick<EventsProps, 'url'>) {
  return (
    <FilterBar
      search={query.q}
      searches="Actor or reason"
      onSearch={(q) => change({ q })}
      isSet={isSet}
      onClear={clear}
    >
      <ChoiceFilter
        label="Kind"
        options={familyNames.map((value) => ({ value, label: wordOf(value) }))}
        chosen={query.of}
        onChange={(of) => change({ of })}
      />
      <ChoiceFilter
        label="Became"
        options={targetStates.map((value) => ({ value, label: wordOf(value) }))}
        chosen={query.to}
        onChange={(to) => change({ to })}
      />
      {objectNames
        .filter((name) => query[name] !== '')
        .map((name) => (
          <Button key={name} kind="plain" class="set" onClick={() => change({ [name]: '' })}>
            {query[name]} ×
          </Button>
        ))}
    </FilterBar>
  );
}

async function readEvents(client: Client, query: EventQuery, after: string | null): Promise<ExportPage> {
  const { events } = await client.request(eventPage, {
    filter: eventFilter(query),
    first: 100,
    ...(after !== null && { after }),
  });
  const { nodes = [], pageInfo } = events ?? {};
  return { rows: nodes, after: pageInfo?.hasNextPage ? pageInfo.endCursor : null };
}
