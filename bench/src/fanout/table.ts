import type { Course } from '../sideBySide.ts';
import { median } from '../statistics.ts';
import { formatFigure, formatTable } from '../table.ts';
import type { Measurement } from './measure.ts';

type Series = Course<{ readonly name: string; readonly label: string }, Measurement>;

const header = [
  'server',
  'CPU us/message (min..max)',
  'x limit',
  'messages/s',
  'x limit',
  'p50/p99 ms',
  'idle KiB/subscriber',
  'bytes/message',
];

/** Formats a line for each server: medians of its rounds, and their ratio to those of the limit if that was measured. */
export function formatSeries(series: readonly Series[], limitName: string): string {
  const limit = series.find(({ way }) => way.name === limitName);
  const of = ({ rounds }: Series, figure: keyof Measurement) => median(rounds.map((round) => round[figure]));
  const ratio = (each: Series, figure: keyof Measurement) =>
    limit === undefined ? '-' : formatRatio(of(each, figure) / of(limit, figure));
  const rows = series.map((each) => {
    const cpu = each.rounds.map(({ cpuMicrosAMessage }) => cpuMicrosAMessage);
    return [
      each.way.label,
      `${formatFigure(median(cpu))} (${formatFigure(Math.min(...cpu))}..${formatFigure(Math.max(...cpu))})`,
      ratio(each, 'cpuMicrosAMessage'),
      formatFigure(of(each, 'messagesASecond')),
      ratio(each, 'messagesASecond'),
      `${formatFigure(of(each, 'p50'))}/${formatFigure(of(each, 'p99'))}`,
      formatFigure(of(each, 'idleBytesASubscriber') / 1_024),
      String(Math.round(of(each, 'bytesAMessage'))),
    ];
  });
  return formatTable(header, rows);
}

function formatRatio(value: number): string {
  return Number.isFinite(value) ? value.toLocaleString('en-US', { maximumSignificantDigits: 2 }) : '-';
}
