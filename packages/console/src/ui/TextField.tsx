import type { ComponentChildren } from 'preact';
import { Field } from './Field.tsx';

interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: ComponentChildren;
  readonly placeholder?: string;
  readonly isRequired?: boolean;
  /** The least whole number that may be typed; the field takes numbers alone then. Default: it takes any text. */
  readonly least?: number;
  /** How many lines are seen. Default: the text has one line. */
  readonly lines?: number;
}

/** A text or a number to type, with its label. */
export function TextField({ label, value, onChange, hint, placeholder, isRequired, least, lines }: TextFieldProps) {
  const shared = { value, placeholder, required: isRequired === true, spellcheck: false };
  return (
    <Field label={label} hint={hint}>
      {(ids) =>
        lines === undefined ? (
          <input
            {...ids}
            {...shared}
            autoComplete="off"
            {...(least !== undefined && { type: 'number', min: least, step: 1 })}
            onInput={(event) => onChange(event.currentTarget.value)}
          />
        ) : (
          <textarea {...ids} {...shared} rows={lines} onInput={(event) => onChange(event.currentTarget.value)} />
        )
      }
    </Field>
  );
}
