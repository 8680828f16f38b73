import { useMemo, useState } from 'preact/hooks';
import { Field } from '../../ui/Field.tsx';

const days = [1, 7, 30, 90, 365] as const;

/** When something ends, as it was chosen. */
export interface End {
  /** A number of days; empty for the server's default. */
  readonly choice: string;
  readonly set: (choice: string) => void;
  /** RFC 3339, as of the moment of the choice; undefined for the default. */
  readonly at: string | undefined;
}

export function useEnd(initial = ''): End {
  const [choice, set] = useState(initial);
  const at = useMemo(
    () => (choice === '' ? undefined : new Date(Date.now() + Number(choice) * 86_400_000).toISOString()),
    [choice],
  );
  return { choice, set, at };
}

interface EndFieldProps {
  readonly label: string;
  readonly end: End;
  /** The words for the server's default. */
  readonly fallback: string;
}

/** Asks when something ends. */
export function EndField({ label, end, fallback }: EndFieldProps) {
  return (
    <Field label={label}>
      {(ids) => (
        <select {...ids} value={end.choice} onChange={(event) => end.set(event.currentTarget.value)}>
          <option value="">{fallback}</option>
          {days.map((each) => (
            <option key={each} value={String(each)}>
              {each === 1 ? 'in a day' : each === 365 ? 'in a year' : `in ${each} days`}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
