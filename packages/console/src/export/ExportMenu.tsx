import { Download } from 'lucide';
import { useState } from 'preact/hooks';
import { useServices } from '../app/services.ts';
import { asRequestError } from '../data/requestError.ts';
import { Icon } from '../ui/Icon.tsx';
import { Menu } from '../ui/Menu.tsx';
import { csvOf } from './csv.ts';

type Row = Readonly<Record<string, unknown>>;

/** A page of rows for an export; `after` of the next one is null at the end. */
export interface ExportPage {
  readonly rows: readonly Row[];
  readonly after: string | null;
}

interface ExportMenuProps {
  /** The name of the file, without its end. */
  readonly name: string;
  /** Reads a page with the filter and the order of the list on screen (K6). */
  readonly read: (after: string | null) => Promise<ExportPage>;
}

/** More rows than that are for a program. */
const mostRows = 20_000;

/** Saves the rows that match as a file. */
export function ExportMenu({ name, read }: ExportMenuProps) {
  const { toasts } = useServices();
  const [isBusy, setBusy] = useState(false);
  const save = async (form: 'csv' | 'json') => {
    setBusy(true);
    try {
      const rows = await readAll(read);
      const text = form === 'csv' ? csvOf(rows) : `${JSON.stringify(rows, null, 2)}\n`;
      download(`${name}.${form}`, new Blob([text], { type: form === 'csv' ? 'text/csv' : 'application/json' }));
      toasts.say(`${rows.length.toLocaleString('en-US')} rows are exported.`, 'good');
    } catch (thrown) {
      toasts.say(`The export failed: ${asRequestError(thrown).message}`, 'bad');
    }
    setBusy(false);
  };
  return (
    <Menu label={isBusy ? 'Exporting…' : 'Export'} icon={Download} kind="quiet" align="end" hasArrow={false}>
      {(close) =>
        (['csv', 'json'] as const).map((form) => (
          <button
            key={form}
            type="button"
            class="menu-line"
            disabled={isBusy}
            onClick={() => {
              close();
              void save(form);
            }}
          >
            <Icon of={Download} />
            {form.toUpperCase()}
          </button>
        ))
      }
    </Menu>
  );
}

async function readAll(read: ExportMenuProps['read']): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let after: string | null = null;
  do {
    const page: ExportPage = await read(after);
    rows.push(...page.rows);
    after = page.after;
  } while (after !== null && rows.length < mostRows);
  return rows;
}

function download(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const anchor = Object.assign(document.createElement('a'), { href: url, download: name });
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
