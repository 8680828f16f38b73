interface LabelsProps {
  readonly labels: Readonly<Record<string, unknown>>;
  /** How many are shown; the others are counted. Default: all. */
  readonly most?: number;
}

/** A value of a label as text. */
const labelText = (key: string, value: unknown) =>
  `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`;

/** Labels or tags, each as `key=value`. */
export function Labels({ labels, most = Number.POSITIVE_INFINITY }: LabelsProps) {
  const entries = Object.entries(labels);
  if (entries.length === 0) return <span class="muted">–</span>;
  const texts = entries.map(([key, value]) => labelText(key, value));
  const hidden = Math.max(0, entries.length - most);
  return (
    <span class="labels" title={texts.join('\n')}>
      {entries.slice(0, most).map(([key, value]) => (
        <span key={key} class="label">
          <span class="label-key">{key}</span>
          {typeof value === 'string' ? value : JSON.stringify(value)}
        </span>
      ))}
      {hidden > 0 && <span class="muted">+{hidden}</span>}
    </span>
  );
}
