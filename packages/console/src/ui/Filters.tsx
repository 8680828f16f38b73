import { ListFilter, Search, X } from 'lucide';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Button } from './Button.tsx';
import { Icon } from './Icon.tsx';
import { Menu } from './Menu.tsx';

interface FilterBarProps {
  readonly search: string;
  readonly onSearch: (text: string) => void;
  /** What is searched, for the field: `Name, hostname or id`. */
  readonly searches: string;
  /** Whether anything but the defaults is set. */
  readonly isSet: boolean;
  readonly onClear: () => void;
  readonly children?: ComponentChildren;
}

/** Typing settles for this long before it is searched for. */
const settleMs = 250;

/** The filters of a list. What is set stands in the URL, by whoever takes the calls (K6). */
export function FilterBar({ search, onSearch, searches, isSet, onClear, children }: FilterBarProps) {
  const [typed, setTyped] = useState(search);
  const latest = useRef(onSearch);
  latest.current = onSearch;
  useEffect(() => setTyped(search), [search]);
  useEffect(() => {
    if (typed === search) return;
    const timer = setTimeout(() => latest.current(typed.trim()), settleMs);
    return () => clearTimeout(timer);
  }, [typed, search]);
  return (
    <search class="filters">
      <div class="search">
        <Icon of={Search} />
        <input
          type="search"
          data-search
          aria-label={`Search: ${searches}`}
          placeholder={searches}
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <kbd>/</kbd>
      </div>
      {children}
      {isSet && (
        <Button kind="quiet" icon={X} onClick={onClear}>
          Clear
        </Button>
      )}
    </search>
  );
}

interface ChoiceFilterProps<Value extends string> {
  readonly label: string;
  readonly options: readonly { readonly value: Value; readonly label: ComponentChildren }[];
  readonly chosen: readonly Value[];
  readonly onChange: (chosen: readonly Value[]) => void;
}

/** A filter by some of a few values. */
export function ChoiceFilter<Value extends string>({ label, options, chosen, onChange }: ChoiceFilterProps<Value>) {
  const toggle = (value: Value, isChosen: boolean) =>
    onChange(isChosen ? [...chosen, value] : chosen.filter((each) => each !== value));
  return (
    <Menu
      icon={ListFilter}
      label={
        <>
          {label}
          {chosen.length > 0 && <span class="count">{chosen.length}</span>}
        </>
      }
      isSet={chosen.length > 0}
    >
      {() => (
        <fieldset class="choices">
          <legend class="hidden">{label}</legend>
          {options.map(({ value, label: words }) => (
            <label key={value} class="choice-line">
              <input
                type="checkbox"
                checked={chosen.includes(value)}
                onChange={(event) => toggle(value, event.currentTarget.checked)}
              />
              {words}
            </label>
          ))}
        </fieldset>
      )}
    </Menu>
  );
}

interface TextsFilterProps {
  readonly label: string;
  readonly placeholder: string;
  readonly values: readonly string[];
  readonly onChange: (values: readonly string[]) => void;
}

/** A filter by texts that are typed, each of which must hold. */
export function TextsFilter({ label, placeholder, values, onChange }: TextsFilterProps) {
  const [typed, setTyped] = useState('');
  return (
    <Menu
      icon={ListFilter}
      label={
        <>
          {label}
          {values.length > 0 && <span class="count">{values.length}</span>}
        </>
      }
      isSet={values.length > 0}
    >
      {() => (
        <form
          class="choices"
          onSubmit={(event) => {
            event.preventDefault();
            const text = typed.trim();
            if (text !== '' && !values.includes(text)) onChange([...values, text]);
            setTyped('');
          }}
        >
          {values.map((value) => (
            <span key={value} class="choice-line">
              <code>{value}</code>
              <Button
                kind="quiet"
                icon={X}
                aria-label={`Remove ${value}`}
                onClick={() => onChange(values.filter((each) => each !== value))}
              />
            </span>
          ))}
          <input
            aria-label={label}
            placeholder={placeholder}
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </form>
      )}
    </Menu>
  );
}
