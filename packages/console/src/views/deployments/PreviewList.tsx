import { ActionError } from '../../ui/ActionDialog.tsx';
import { Loading } from '../../ui/Feedback.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { deploymentActionNames, deploymentActions } from './deploymentStates.ts';
import type { DryRun, Preview } from './useDryRun.ts';

/** So many changes are named. */
const mostNamed = 10;

/** What a change would do, as its dry run says. */
export function PreviewList({ run, isAsked }: { readonly run: DryRun; readonly isAsked: boolean }) {
  return (
    <section class="preview" aria-label="What it would do" aria-live="polite">
      <h3>What it would do</h3>
      {!isAsked && <p class="muted">Fill in what is asked for, and the server says here what it would do.</p>}
      {isAsked && run.kind === 'none' && <Loading lines={2} />}
      {run.kind === 'error' && <ActionError error={run.error} />}
      {run.kind === 'ready' && <Placements preview={run.preview} />}
    </section>
  );
}

function Placements({ preview: { placements, placementCount } }: { readonly preview: Preview }) {
  const counts = deploymentActionNames
    .map((action) => ({ action, count: placements.filter((each) => each.action === action).length }))
    .filter(({ count }) => count > 0);
  const changes = placements.filter(({ action }) => action !== null && action !== 'KEEP');
  if (counts.length === 0) return <p>Nothing, on no supervisor: none matches, or each that matches is rejected.</p>;
  return (
    <>
      <ul class="preview-counts">
        {counts.map(({ action, count }) => (
          <li key={action}>
            <StateBadge look={deploymentActions[action]} />
            <strong>{count.toLocaleString('en-US')}</strong>
          </li>
        ))}
      </ul>
      {changes.length === 0 ? (
        <p>Nothing changes: it keeps what is there.</p>
      ) : (
        <ul class="preview-changes">
          {changes.slice(0, mostNamed).map(({ supervisorId, name, action, message }) => (
            <li key={supervisorId}>
              {action && <StateBadge look={deploymentActions[action]} />}
              <span>{name}</span>
              {message && <span class="muted">{message}</span>}
            </li>
          ))}
          {changes.length > mostNamed && (
            <li class="muted">and {(changes.length - mostNamed).toLocaleString('en-US')} more</li>
          )}
        </ul>
      )}
      {placementCount > placements.length && (
        <p class="muted">
          Of {placementCount.toLocaleString('en-US')} supervisors, the first {placements.length.toLocaleString('en-US')}{' '}
          are counted here.
        </p>
      )}
    </>
  );
}
