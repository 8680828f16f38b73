import type { ComponentChildren } from 'preact';

interface SegmentsProps<Value> {
  /** Read aloud. */
  readonly label: string;
  readonly options: readonly { readonly value: Value; readonly label: ComponentChildren }[];
  readonly chosen: Value;
  readonly onChange: (value: Value) => void;
}

/** A choice of one of a few values, all of which are seen. */
export function Segments<Value extends string | null>({ label, options, chosen, onChange }: SegmentsProps<Value>) {
  return (
    <fieldset class="segments">
      <legend class="hidden">{label}</legend>
      {options.map(({ value, label: words }) => (
        <button key={value} type="button" aria-pressed={value === chosen} onClick={() => onChange(value)}>
          {words}
        </button>
      ))}
    </fieldset>
  );
}
