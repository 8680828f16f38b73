import { CircleCheck, Server } from 'lucide';
import { useServices } from '../../app/services.ts';
import { useChangeTick } from '../../data/useChangeTick.ts';
import { useRead } from '../../data/useRead.ts';
import { type FleetCountsQuery, fleetCounts, latestFailures } from '../../generated/operations.ts';
import { Empty, Failure, Loading } from '../../ui/Feedback.tsx';
import { Card, Page } from '../../ui/Page.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { pluginStates, type StateLook, supervisorStates } from '../../ui/states.ts';
import { DomainConditions } from './DomainConditions.tsx';
import { FailureList } from './FailureList.tsx';
import { RateChart } from './RateChart.tsx';
import { StateChart } from './StateChart.tsx';
import type { Counts, Sample } from './stateHistory.ts';
import { useEventRate } from './useEventRate.ts';
import { countsOf, useStateHistory } from './useStateHistory.ts';
import './overview.css';

/** The sums are asked for again no more often than this, however much happens. */
const refreshMs = 2_000;

/** The fleet at a glance: how much of it is in which state, how that came, and the latest failures. */
export function OverviewView() {
  const tick = useChangeTick(refreshMs);
  const counts = useRead(fleetCounts, {}, tick);
  const history = useStateHistory(counts.state);
  const state = counts.state.value;
  if (state.kind === 'loading') {
    return (
      <Page title="Overview">
        <Loading />
      </Page>
    );
  }
  if (state.kind === 'error') {
    return (
      <Page title="Overview">
        <Failure error={state.error} onRetry={counts.refresh} />
      </Page>
    );
  }
  return (
    <Page title="Overview">
      <Fleet counts={state.result} history={history.value} tick={tick} />
    </Page>
  );
}

interface FleetProps {
  readonly counts: FleetCountsQuery;
  readonly history: { readonly supervisors: readonly Sample[]; readonly plugins: readonly Sample[] };
  readonly tick: ReturnType<typeof useChangeTick>;
}

function Fleet({ counts, history, tick }: FleetProps) {
  const rate = useEventRate(tick);
  const failures = useRead(latestFailures, {}, tick);
  const supervisors = countsOf(counts.supervisorStats);
  if (Object.keys(supervisors).length === 0) return <EmptyFleet />;
  const { state: failed } = failures;
  const events = failed.value.kind === 'ready' ? (failed.value.result.events?.nodes ?? []) : null;
  return (
    <>
      <DomainConditions conditions={counts.viewer?.conditions ?? []} />
      <div class="overview">
        <StateCard
          title="Supervisors"
          path="/supervisors"
          looks={supervisorStates}
          counts={supervisors}
          samples={history.supervisors}
        />
        <StateCard
          title="Plugins"
          path="/plugins"
          looks={pluginStates}
          counts={countsOf(counts.pluginStats)}
          samples={history.plugins}
        />
        <Card title="Changes a minute" class="rate-card">
          <div class="card-body">
            <RateChart minutes={rate.value} />
            <p class="legend">
              <span class="legend-key" data-kind="all">
                All changes
              </span>
              <span class="legend-key" data-kind="bad">
                Failures
              </span>
            </p>
          </div>
        </Card>
      </div>
      <Card title="Latest failures">
        {events === null && <Loading lines={4} />}
        {events?.length === 0 && (
          <Empty title="Nothing has failed" icon={CircleCheck}>
            No plugin turned to Error and no supervisor was lost, as far as the history goes back.
          </Empty>
        )}
        {events && events.length > 0 && <FailureList events={events.toReversed()} />}
      </Card>
    </>
  );
}

interface StateCardProps {
  readonly title: string;
  readonly path: string;
  readonly looks: Readonly<Record<string, StateLook>>;
  readonly counts: Counts;
  readonly samples: readonly Sample[];
}

/** How many there are, in which states, and how that was in the last minutes. */
function StateCard({ title, path, looks, counts, samples }: StateCardProps) {
  const { navigation } = useServices();
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const states = Object.entries(looks).filter(([state]) => state !== 'NONE');
  return (
    <Card title={title} class="state-card">
      <div class="card-body">
        <p class="total">
          <a href={navigation.href(path)} aria-label={`All ${total} ${title.toLowerCase()}`}>
            {total.toLocaleString('en-US')}
          </a>
        </p>
        <StateChart samples={samples} looks={looks} what={title.toLowerCase()} />
        <ul class="state-counts">
          {states.map(([state, look]) => (
            <li key={state} class={counts[state] ? '' : 'zero'}>
              <a href={navigation.href(path, new URLSearchParams({ state }))}>
                <StateBadge look={look} />
                <strong>{(counts[state] ?? 0).toLocaleString('en-US')}</strong>
              </a>
            </li>
          ))}
        </ul>
      </div>
    </Card>
  );
}

function EmptyFleet() {
  return (
    <Empty title="No supervisor has published yet" icon={Server}>
      <p>An agent appears here with its first report. To see a fleet at work, run this in the repository:</p>
      <pre>npx -y pnpm@12 demo</pre>
    </Empty>
  );
}
