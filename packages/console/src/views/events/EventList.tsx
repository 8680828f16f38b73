import { History } from 'lucide';
import type { ChangeScope } from '../../data/changeTick.ts';
import { useChangeTick } from '../../data/useChangeTick.ts';
import { useRead } from '../../data/useRead.ts';
import { type EventFilter, eventPage } from '../../generated/operations.ts';
import { Empty, Failure, Loading } from '../../ui/Feedback.tsx';
import { Link } from '../../ui/Link.tsx';
import { EventTable } from './EventTable.tsx';

const shown = 25;
const refreshMs = 2_000;

interface EventListProps {
  /** The same object while nothing changes. */
  readonly filter: EventFilter;
  /** Whose changes make it look again. Default: all. */
  readonly scope?: ChangeScope;
  /** Where all of them are. */
  readonly all?: URLSearchParams;
}

/** The latest events of one object, the newest first. */
export function EventList({ filter, scope = {}, all }: EventListProps) {
  const tick = useChangeTick(refreshMs, scope);
  const read = useRead(eventPage, { filter, last: shown }, tick);
  const state = read.state.value;
  if (state.kind === 'loading') return <Loading lines={4} />;
  if (state.kind === 'error') return <Failure error={state.error} onRetry={read.refresh} />;
  const events = state.result.events?.nodes.toReversed() ?? [];
  if (events.length === 0) {
    return (
      <Empty title="No events" icon={History}>
        Nothing has happened to it for as long as the history goes back.
      </Empty>
    );
  }
  return (
    <>
      <EventTable caption="Events, the newest first" events={events} />
      {all && state.result.events?.pageInfo.hasPreviousPage && (
        <p class="card-more">
          <Link to="/events" params={all}>
            Show all events
          </Link>
        </p>
      )}
    </>
  );
}
