// Parts of the page that are fetched when they are first wanted.
import { useEffect, useState } from 'preact/hooks';
import { problem } from './state';

/** What a part exports, once it is there; null before. It is fetched when it is wanted for the first time. */
export function useLater<T>(load: () => Promise<T>, isWanted: boolean): T | null {
  const [part, setPart] = useState<{ readonly it: T } | null>(null);
  useEffect(() => {
    if (isWanted && part === null) {
      void later(load).then((it) => {
        if (it !== null) {
          setPart({ it });
        }
      });
    }
  }, [isWanted]);
  return part?.it ?? null;
}

/** A part of the page; null, and a message to the reader, when it cannot be had. */
export async function later<T>(load: () => Promise<T>): Promise<T | null> {
  try {
    return await load();
  } catch {
    // The server is away, or it is another version now, whose parts have other names.
    problem.value = 'A part of this page could not be loaded from the server. Reload the page.';
    return null;
  }
}
