import { ChevronLeft, ChevronRight } from 'lucide';
import type { EventPageQuery } from '../../generated/operations.ts';
import { Button } from '../../ui/Button.tsx';
import { firstPage } from '../../url/query.ts';
import type { UrlQuery } from '../../url/useQuery.ts';
import type { EventQuery } from './eventQuery.ts';

interface EventPagerProps {
  readonly url: UrlQuery<EventQuery>;
  readonly pageInfo: NonNullable<EventPageQuery['events']>['pageInfo'];
}

/** Leads to newer and older events. */
export function EventPager({ url: { change }, pageInfo }: EventPagerProps) {
  const { hasNextPage, hasPreviousPage, startCursor, endCursor } = pageInfo;
  return (
    <div class="pager">
      <Button kind="quiet" onClick={() => change({ page: firstPage })} disabled={!hasNextPage}>
        Newest
      </Button>
      <Button
        kind="quiet"
        icon={ChevronLeft}
        aria-label="Newer"
        disabled={!hasNextPage}
        onClick={() => change({ page: { after: endCursor, before: null, offset: 0 } })}
      />
      <Button
        kind="quiet"
        icon={ChevronRight}
        aria-label="Older"
        disabled={!hasPreviousPage}
        onClick={() => change({ page: { after: null, before: startCursor, offset: 0 } })}
      />
    </div>
  );
}
