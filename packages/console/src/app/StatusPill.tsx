import type { LiveStatus } from '../data/liveSocket.ts';
import { timeOfDayText } from '../ui/timeText.ts';
import { useServices } from './services.ts';

/** How live the page is (K2). */
export function StatusPill() {
  const { socket, preferences } = useServices();
  const status = socket.status.value;
  return (
    <span class="pill" data-kind={status.kind} data-status>
      <span class="pill-dot" />
      {wordsOf(status, (at) => timeOfDayText(at, preferences.timeZone.value))}
    </span>
  );
}

function wordsOf(status: LiveStatus, text: (at: Date) => string): string {
  switch (status.kind) {
    case 'idle':
      return 'Not live';
    case 'connecting':
      return 'Connecting';
    case 'live':
      return 'Live';
    case 'catching-up':
      return 'Catching up';
    case 'reconnecting':
      return `Reconnecting since ${text(status.since)}`;
  }
}
