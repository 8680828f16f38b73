/// <reference lib="dom" />

/*
 * Functions that run in the page: each is sent as text, and so uses nothing but its parameters and the page's globals.
 * After a frame's callbacks comes its painting, and then whatever the callbacks have posted.
 */

/** The functions leave these in the page for each other. */
interface Watched {
  /** The time from the navigation until the rows were painted, in milliseconds. */
  rowsPainted: Promise<number>;
  /** The time of day at which the text was painted, in milliseconds. */
  textPainted: Promise<number>;
  /** Ends the count of frames. */
  endFrames: () => FrameTimes;
}

/** The times of frames, in milliseconds. */
export interface FrameTimes {
  /** From a frame's first callback to the end of its painting. */
  readonly work: readonly number[];
  /** From a frame's begin to that of the next. */
  readonly between: readonly number[];
}

/** Watches from the page's begin on for the painting of its first rows. */
export function watchRows(rows: number): void {
  const watched = globalThis as unknown as Watched;
  watched.rowsPainted = new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      if (document.querySelectorAll('tbody th[scope=row] a').length < rows) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
    });
    observer.observe(document, { childList: true, subtree: true });
  });
}

export const rowsPainted = (): Promise<number> => (globalThis as unknown as Watched).rowsPainted;

/** Watches from now on for the painting of a text in the table. */
export function watchText(text: string): void {
  const watched = globalThis as unknown as Watched;
  watched.textPainted = new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      if (!document.querySelector('tbody')?.textContent?.includes(text)) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => resolve(Date.now())));
    });
    observer.observe(document.body, { childList: true, characterData: true, subtree: true });
  });
}

export const textPainted = (): Promise<number> => (globalThis as unknown as Watched).textPainted;

/** Counts frames from now on. */
export function beginFrames(): void {
  const work: number[] = [];
  const between: number[] = [];
  const painted = new MessageChannel();
  let begun = 0;
  let last: number | undefined;
  let isOver = false;
  painted.port1.onmessage = () => work.push(performance.now() - begun);
  const onFrame = (time: number) => {
    if (isOver) return;
    begun = performance.now();
    if (last !== undefined) between.push(time - last);
    last = time;
    painted.port2.postMessage(null);
    requestAnimationFrame(onFrame);
  };
  requestAnimationFrame(onFrame);
  (globalThis as unknown as Watched).endFrames = () => {
    isOver = true;
    painted.port1.close();
    return { work, between };
  };
}

export const endFrames = (): FrameTimes => (globalThis as unknown as Watched).endFrames();

/** The names of the supervisors in the table. */
export const shownNames = (): string[] =>
  [...document.querySelectorAll('tbody th[scope=row] a')].map(({ textContent }) => textContent ?? '');

/** Keeps the page busy. */
export function work(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}
