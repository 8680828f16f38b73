import type { IconNode } from 'lucide';
import type { ComponentChildren } from 'preact';
import { useServices } from '../app/services.ts';
import type { Entity } from '../data/entities.ts';
import type { LiveList } from '../data/liveList.ts';
import { Empty, Failure, Loading } from './Feedback.tsx';
import { Link } from './Link.tsx';
import { Page } from './Page.tsx';

interface LiveObjectProps<Row> {
  /** A list of this one object. */
  readonly list: LiveList;
  readonly id: string;
  /** The heading while there is nothing to name. */
  readonly title: string;
  /** The thing it is: `plugin`. */
  readonly what: string;
  readonly icon: IconNode;
  /** Where all of them are. */
  readonly backTo: string;
  readonly children: (row: Row) => ComponentChildren;
}

/** One object that is kept true; says so when it is not there, or no longer. */
export function LiveObject<Row extends Entity>(props: LiveObjectProps<Row>) {
  const { list, id, title, what, icon, backTo, children } = props;
  const { entities } = useServices();
  const state = list.state.value;
  if (state.kind === 'loading') {
    return (
      <Page title={title}>
        <Loading />
      </Page>
    );
  }
  if (state.kind === 'error') {
    return (
      <Page title={title}>
        <Failure error={state.error} onRetry={list.refresh} />
      </Page>
    );
  }
  const row = entities.get<Row>(id)?.value;
  if (state.ids.length === 0 || row === undefined) {
    return (
      <Page title={title}>
        <Empty title={`This ${what} is not there`} icon={icon}>
          <p>It was deleted, or it belongs to a domain that you may not see.</p>
          <Link to={backTo}>Show all</Link>
        </Empty>
      </Page>
    );
  }
  return <>{children(row)}</>;
}
