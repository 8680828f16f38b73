import { useComputed } from '@preact/signals';
import { CircleUser, Globe, Keyboard, LogOut, Monitor, Moon, Sun } from 'lucide';
import { useRead } from '../data/useRead.ts';
import { supervisorCount } from '../generated/operations.ts';
import { Icon } from '../ui/Icon.tsx';
import { Menu } from '../ui/Menu.tsx';
import { wordOf } from '../ui/states.ts';
import type { Theme } from './preferences.ts';
import { navigationEntries } from './routes.tsx';
import { ShortcutsDialog } from './ShortcutsDialog.tsx';
import { StatusPill } from './StatusPill.tsx';
import { useServices } from './services.ts';

/** Where one can go, how live the page is, and whose it is. */
export function Navigation() {
  const { navigation } = useServices();
  const { path } = navigation.place.value;
  const isCurrent = (entry: string) => (entry === '/' ? path === '/' : path === entry || path.startsWith(`${entry}/`));
  return (
    <>
      <nav aria-label="Views">
        {navigationEntries.map((group) => (
          <ul key={group[0]?.path}>
            {group.map(({ path: entry, title, icon }) => (
              <li key={entry}>
                <a href={navigation.href(entry)} aria-current={isCurrent(entry) ? 'page' : undefined}>
                  <Icon of={icon} />
                  {title}
                  {entry === '/pending' && <NewcomerCount />}
                </a>
              </li>
            ))}
          </ul>
        ))}
      </nav>
      <div class="side-foot">
        <StatusPill />
        <ViewerMenu />
      </div>
    </>
  );
}

const newcomersEveryMs = 30_000;
const newcomers = { filter: { registeredAt: { isNull: true } } };

const themes: readonly { readonly name: Theme; readonly title: string; readonly icon: typeof Sun }[] = [
  { name: 'system', title: 'As the system', icon: Monitor },
  { name: 'light', title: 'Light', icon: Sun },
  { name: 'dark', title: 'Dark', icon: Moon },
];

/** How many newcomers wait; asked for now and then, whatever is shown. */
function NewcomerCount() {
  const { clock } = useServices();
  const tick = useComputed(() => Math.floor(clock.now.value.getTime() / newcomersEveryMs));
  const state = useRead(supervisorCount, newcomers, tick).state.value;
  const count = state.kind === 'ready' ? (state.result.supervisors?.totalCount ?? 0) : 0;
  return count === 0 ? null : <span class="count">{count.toLocaleString('en-US')}</span>;
}

/** Whose page it is, and what they prefer. */
function ViewerMenu() {
  const { session, preferences, dialogs } = useServices();
  const state = session.state.value;
  if (state.kind !== 'signed-in') return null;
  const { viewer, isOpen } = state;
  const { theme, timeZone } = preferences;
  return (
    <Menu
      kind="quiet"
      icon={CircleUser}
      hasArrow={false}
      label={
        <span class="viewer">
          <span class="viewer-name">{isOpen ? 'Open server' : viewer.subject}</span>
          <span class="viewer-role">
            {wordOf(viewer.role)}
            {viewer.domainId ? ` of ${viewer.domainId}` : ', all domains'}
          </span>
        </span>
      }
    >
      {(close) => (
        <div class="preferences">
          <fieldset class="segments">
            <legend>Appearance</legend>
            {themes.map(({ name, title, icon }) => (
              <button
                key={name}
                type="button"
                aria-pressed={theme.value === name}
                onClick={() => {
                  theme.value = name;
                }}
              >
                <Icon of={icon} size={14} />
                {title}
              </button>
            ))}
          </fieldset>
          <fieldset class="segments">
            <legend>Times</legend>
            {(['local', 'utc'] as const).map((zone) => (
              <button
                key={zone}
                type="button"
                aria-pressed={timeZone.value === zone}
                onClick={() => {
                  timeZone.value = zone;
                }}
              >
                <Icon of={Globe} size={14} />
                {zone === 'utc' ? 'UTC' : 'Local'}
              </button>
            ))}
          </fieldset>
          <button
            type="button"
            class="menu-line"
            onClick={() => {
              close();
              dialogs.show((end) => <ShortcutsDialog onClose={end} />);
            }}
          >
            <Icon of={Keyboard} />
            Keyboard shortcuts
          </button>
          {!isOpen && (
            <button type="button" class="menu-line" onClick={session.signOut}>
              <Icon of={LogOut} />
              Sign out
            </button>
          )}
        </div>
      )}
    </Menu>
  );
}
