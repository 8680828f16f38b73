import type { ComponentChildren, TargetedSubmitEvent } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { useServices } from '../app/services.ts';
import type { Entity } from '../data/entities.ts';
import { asRequestError, type RequestError } from '../data/requestError.ts';
import { useRead } from '../data/useRead.ts';
import { type NamesOfQuery, namesOf } from '../generated/operations.ts';
import { ActionError } from '../ui/ActionDialog.tsx';
import { Button } from '../ui/Button.tsx';
import { Copy } from '../ui/Copy.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { Loading } from '../ui/Feedback.tsx';
import { Field } from '../ui/Field.tsx';
import { graphqlText } from '../ui/graphqlText.ts';
import { Message } from '../ui/Message.tsx';
import { type BulkDocument, type BulkSums, hasMoved, runBulk } from './runBulk.ts';
import './bulk.css';

interface BulkDialogProps<Input> {
  readonly verb: string;
  /** The rows, in the plural: `supervisors`. */
  readonly what: string;
  readonly isDangerous?: boolean;
  /** Something ends: the number of rows has to be typed (K13). */
  readonly isFinal?: boolean;
  readonly document: BulkDocument<Input>;
  /** The rows, and the parameters of the change. */
  readonly input: Input;
  readonly onDone: () => void;
  readonly onClose: () => void;
  /** What follows, and fields if there are any. */
  readonly children: ComponentChildren;
}

type Phase =
  | { readonly kind: 'counting' }
  | { readonly kind: 'counted'; readonly sums: BulkSums; readonly movedFrom: number | null }
  | { readonly kind: 'running'; readonly sums: BulkSums | null }
  | { readonly kind: 'failed'; readonly error: RequestError };

/** Asks before many rows are changed: first it counts by a dry run, then it changes the same rows (K5). */
export function BulkDialog<Input extends object>(props: BulkDialogProps<Input>) {
  const { verb, what, isDangerous = false, isFinal = false, document, input, onClose, children } = props;
  const { phase, run } = useBulk(props);
  const [typed, setTyped] = useState('');
  const changed = phase.kind === 'counted' ? phase.sums.CHANGED : 0;
  const isConfirmed = !isFinal || typed.trim() === String(changed);
  const mayRun = phase.kind === 'counted' && changed > 0 && isConfirmed;
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (phase.kind === 'counted' && mayRun) void run(phase.sums);
  };
  return (
    <Dialog title={`${verb} ${what}`} onClose={onClose}>
      <form onSubmit={submit}>
        <div class="dialog-body">
          {children}
          <PhaseText phase={phase} what={what} />
          {isFinal && changed > 0 && (
            <Field label={`Type ${changed}, the number of ${what}, to confirm`}>
              {(ids) => (
                <input
                  {...ids}
                  autoComplete="off"
                  value={typed}
                  onInput={(event) => setTyped(event.currentTarget.value)}
                />
              )}
            </Field>
          )}
        </div>
        <footer>
          <Copy text={graphqlText(document, { input })} what="as GraphQL" label="Copy as GraphQL" />
          <span class="space" />
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind={isDangerous ? 'danger' : 'primary'} disabled={!mayRun}>
            {phase.kind === 'running'
              ? 'Working…'
              : `${verb} ${phase.kind === 'counted' ? changed.toLocaleString('en-US') : ''}`}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}

function useBulk<Input extends object>({ verb, what, document, input, onDone, onClose }: BulkDialogProps<Input>) {
  const { client, toasts } = useServices();
  const [phase, setPhase] = useState<Phase>({ kind: 'counting' });
  const key = JSON.stringify(input);
  const closing = useMemo(() => new AbortController(), []);
  useEffect(() => () => closing.abort(), [closing]);

  const failed = (thrown: unknown) => {
    if (!closing.signal.aborted) setPhase({ kind: 'failed', error: asRequestError(thrown) });
  };

  // Other parameters, other counts; equal ones are the same, in whatever object they come.
  useEffect(() => {
    const outdated = new AbortController();
    setPhase({ kind: 'counting' });
    runBulk(client, document, { ...input, dryRun: true }, outdated.signal).then(
      (sums) => setPhase({ kind: 'counted', sums, movedFrom: null }),
      (thrown) => {
        if (!outdated.signal.aborted) failed(thrown);
      },
    );
    return () => outdated.abort();
  }, [client, document, key]);

  async function run(counted: BulkSums): Promise<void> {
    setPhase({ kind: 'running', sums: null });
    try {
      const now = await runBulk(client, document, { ...input, dryRun: true }, closing.signal);
      if (hasMoved(counted.CHANGED, now.CHANGED)) {
        return setPhase({ kind: 'counted', sums: now, movedFrom: counted.CHANGED });
      }
      const sums = await runBulk(client, document, { ...input }, closing.signal, (sofar) =>
        setPhase({ kind: 'running', sums: sofar }),
      );
      onClose();
      toasts.say(doneText(verb, what, sums), sums.REFUSED > 0 ? 'bad' : 'good');
      onDone();
    } catch (thrown) {
      failed(thrown);
    }
  }

  return { phase, run };
}

function doneText(verb: string, what: string, { CHANGED, UNCHANGED, REFUSED }: BulkSums): string {
  const others = [UNCHANGED > 0 && `${UNCHANGED} were so already`, REFUSED > 0 && `${REFUSED} were refused`].filter(
    Boolean,
  );
  return `${verb}: ${CHANGED} ${what}${others.length > 0 ? `; ${others.join(', ')}` : ''}.`;
}

function PhaseText({ phase, what }: { readonly phase: Phase; readonly what: string }) {
  switch (phase.kind) {
    case 'counting':
      return <Loading lines={3} />;
    case 'failed':
      return <ActionError error={phase.error} />;
    case 'running':
      return (
        <p role="status">
          {phase.sums === null
            ? 'Counting once more.'
            : `${phase.sums.CHANGED.toLocaleString('en-US')} ${what} so far.`}
        </p>
      );
    case 'counted':
      return <Counted {...phase} what={what} />;
  }
}

interface CountedProps {
  readonly sums: BulkSums;
  readonly movedFrom: number | null;
  readonly what: string;
}

/** The results that the server foresees, and the first of the rows. */
function Counted({ sums, movedFrom, what }: CountedProps) {
  const { CHANGED, UNCHANGED, firstChanged, refusals } = sums;
  return (
    <div class="bulk">
      {movedFrom !== null && (
        <p class="callout" data-tone="warn" role="alert">
          Nothing was changed: meanwhile {CHANGED.toLocaleString('en-US')} {what} match, no longer{' '}
          {movedFrom.toLocaleString('en-US')}. Look again.
        </p>
      )}
      <p role="status">
        <strong>
          {CHANGED.toLocaleString('en-US')} {what}
        </strong>{' '}
        will be changed.
        {UNCHANGED > 0 && ` ${UNCHANGED.toLocaleString('en-US')} are so already.`}
      </p>
      {firstChanged.length > 0 && <FirstRows ids={firstChanged} more={CHANGED - firstChanged.length} />}
      {[...refusals].map(([code, { count, message }]) => (
        <p key={code} class="callout" data-tone="warn">
          <strong>{count.toLocaleString('en-US')} refused</strong> <code>{code}</code> <Message text={message} />
        </p>
      ))}
    </div>
  );
}

type Named = Entity & NonNullable<NonNullable<NamesOfQuery['nodes']>[number]>;

function FirstRows({ ids, more }: { readonly ids: readonly string[]; readonly more: number }) {
  const { entities } = useServices();
  // The answer goes to the entities.
  void useRead(namesOf, { ids }).state.value;
  return (
    <ul class="bulk-rows">
      {ids.map((id) => (
        <li key={id}>{nameText(entities.get<Named>(id)?.value) ?? <span class="mono">{id}</span>}</li>
      ))}
      {more > 0 && <li class="muted">and {more.toLocaleString('en-US')} more</li>}
    </ul>
  );
}

function nameText(named: Named | undefined): string | null {
  if (named?.__typename === 'Supervisor') return `${named.name} (${named.hostname})`;
  if (named?.__typename === 'Plugin') return `${named.pluginId} ${named.version} on ${named.supervisorName}`;
  return null;
}
