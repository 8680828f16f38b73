import { Plus, X } from 'lucide';
import type { ComponentChildren } from 'preact';
import { Button } from './Button.tsx';
import './rowsField.css';

interface RowsFieldProps<Row> {
  readonly label: string;
  /** One of them: `port`. */
  readonly what: string;
  readonly rows: readonly Row[];
  readonly onChange: (rows: readonly Row[]) => void;
  readonly empty: Row;
  /** Draws the inputs of a row. @param set changes some of it */
  readonly children: (row: Row, set: (some: Partial<Row>) => void, number: number) => ComponentChildren;
}

/** A list of things to type, each in some inputs. */
export function RowsField<Row extends object>({ label, what, rows, onChange, empty, children }: RowsFieldProps<Row>) {
  return (
    <fieldset class="rows-field">
      <legend>{label}</legend>
      {rows.map((row, index) => (
        // Rows are typed in place, and have nothing else that tells them apart.
        <div class="rows-line" key={index}>
          {children(row, (some) => onChange(rows.with(index, { ...row, ...some })), index + 1)}
          <Button
            kind="quiet"
            icon={X}
            aria-label={`Remove ${what} ${index + 1}`}
            onClick={() => onChange(rows.toSpliced(index, 1))}
          />
        </div>
      ))}
      <Button kind="quiet" icon={Plus} onClick={() => onChange([...rows, empty])}>
        Add {what}
      </Button>
    </fieldset>
  );
}
