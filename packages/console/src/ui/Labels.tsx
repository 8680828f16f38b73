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
  const hidden = entries.slice(most).map(([key, value]) => labelText(key, value));
  return (
    <span class="labels">
      {entries.slice(0, most).map(([key, value]) => (
        <span key={key} class="label">
          <span class="label-key">{key}</span>
          {typeof value === 'string' ? value : JSON.stringify(value)}
        </span>
      ))}
      {hidden.length > 0 && (
        <span class="muted" title={hidden.join('\n')}>
          +{hidden.length}
        </span>
      )}
    </span>
  );
}
