import { Crosshair, PackagePlus } from 'lucide';
import { useMemo } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import { useChangeTick } from '../../data/useChangeTick.ts';
import { useTickedList } from '../../data/useTickedList.ts';
import { useMayOperate } from '../../session/useRole.ts';
import { Button } from '../../ui/Button.tsx';
import { Empty } from '../../ui/Feedback.tsx';
import { ListBar } from '../../ui/ListBar.tsx';
import { LiveTable } from '../../ui/LiveTable.tsx';
import { NameCell } from '../../ui/NameCell.tsx';
import { Page } from '../../ui/Page.tsx';
import type { Column } from '../../ui/Table.tsx';
import { useQuery } from '../../url/useQuery.ts';
import { pageVariables } from '../pageVariables.ts';
import { CandidateVerdict } from './CandidateVerdict.tsx';
import { PlaceForm } from './PlaceForm.tsx';
import { PlaceInstallDialog } from './PlaceInstallDialog.tsx';
import { type Candidate, placementSource } from './placementSource.ts';
import './place.css';
import { isAsked, type PlaceQuery, placeParts, wishOf } from './placeQuery.ts';

const refreshMs = 2_000;

/** Asks where a plugin would be placed, and why not elsewhere, before it is installed. */
export function PlaceView() {
  const url = useQuery(placeParts);
  return (
    <Page
      title="Place a plugin"
      about="Where an install would go, and which rule bars each other supervisor. Nothing changes until you install."
    >
      <PlaceForm key={JSON.stringify(wishOf(url.query))} url={url} />
      {isAsked(url.query) ? (
        <Candidates query={url.query} onPage={(page) => url.change({ page })} />
      ) : (
        <Empty title="Which plugin?" icon={Crosshair}>
          Name a plugin and its version, and the labels that its supervisor must have, if any.
        </Empty>
      )}
    </Page>
  );
}

interface CandidatesProps {
  readonly query: PlaceQuery;
  readonly onPage: (page: PlaceQuery['page']) => void;
}

function Candidates({ query, onPage }: CandidatesProps) {
  const services = useServices();
  const mayOperate = useMayOperate();
  const tick = useChangeTick(refreshMs);
  const source = useMemo(
    () => placementSource(services, tick, { ...wishOf(query), ...pageVariables(query.page) }),
    [services, tick, query],
  );
  const list = useTickedList(source);
  const columns = useMemo(() => candidateColumns(query, mayOperate), [query, mayOperate]);
  const { dialogs } = services;
  return (
    <>
      <ListBar list={list} what="supervisors considered" paging={query.page} onPage={onPage}>
        {mayOperate && (
          <Button
            kind="primary"
            icon={PackagePlus}
            onClick={() => dialogs.show((close) => <PlaceInstallDialog query={query} at={null} onClose={close} />)}
          >
            Install on the best
          </Button>
        )}
      </ListBar>
      <LiveTable<Candidate>
        caption="Supervisors considered, the best first"
        list={list}
        columns={columns}
        empty={
          <Empty title="There is no supervisor to consider" icon={Crosshair}>
            An agent appears with its first report; then it has to be registered.
          </Empty>
        }
      />
    </>
  );
}

function candidateColumns(query: PlaceQuery, mayOperate: boolean): readonly Column<Candidate>[] {
  const shown: readonly Column<Candidate>[] = [
    {
      name: 'name',
      title: 'Supervisor',
      cell: ({ supervisorId, name }) => <NameCell to={`/supervisors/${supervisorId}`} name={name} />,
    },
    { name: 'rank', title: 'Rank', isNumeric: true, cell: ({ rank }) => rank ?? <span class="muted">–</span> },
    { name: 'verdict', title: 'Verdict', grows: true, wraps: true, cell: (row) => <CandidateVerdict row={row} /> },
  ];
  if (!mayOperate) return shown;
  return [...shown, { name: 'install', title: 'Choose', cell: (row) => <InstallHere query={query} row={row} /> }];
}

function InstallHere({ query, row }: { readonly query: PlaceQuery; readonly row: Candidate }) {
  const { dialogs } = useServices();
  if (row.rejectedBy !== null) return null;
  return (
    <Button
      aria-label={`Install here, on ${row.name}`}
      onClick={() => dialogs.show((close) => <PlaceInstallDialog query={query} at={row} onClose={close} />)}
    >
      Install here
    </Button>
  );
}
