import { effect, type Signal, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';
export type TimeZone = 'local' | 'utc';

/** The preferences of a person, kept on the device. */
export interface Preferences {
  readonly theme: Signal<Theme>;
  readonly timeZone: Signal<TimeZone>;
  /** Whether single keys do something (WCAG 2.1.4). */
  readonly shortcuts: Signal<'on' | 'off'>;
}

/** Opens the preferences that are kept in a storage; a word that isn't understood counts as none. */
export function openPreferences(storage: Pick<Storage, 'getItem' | 'setItem'>): Preferences {
  function kept<const Word extends string>(name: string, words: readonly [Word, ...Word[]]): Signal<Word> {
    const key = `muster:${name}`;
    const kept = storage.getItem(key);
    const preference = signal(words.find((word) => word === kept) ?? words[0]);
    let isFirst = true;
    effect(() => {
      const { value } = preference;
      if (!isFirst) storage.setItem(key, value);
      isFirst = false;
    });
    return preference;
  }
  return {
    theme: kept<Theme>('theme', ['system', 'light', 'dark']),
    timeZone: kept<TimeZone>('time-zone', ['local', 'utc']),
    shortcuts: kept<'on' | 'off'>('shortcuts', ['on', 'off']),
  };
}
