// Choices of this reader on this browser. A browser that forbids storage loses them with the page; nothing else.
import { effect, signal } from '@preact/signals';
import { leastWindow, mostWindow, spans, windows } from './state';

export type Theme = 'system' | 'dark' | 'light';

const themes: readonly Theme[] = ['system', 'dark', 'light'];

export const theme = signal<Theme>(themes.find((choice) => choice === read('theme')) ?? 'system');

/** Length of the tracks' window, ms. */
export const windowMs = signal<number>(keptWindow(read('window')) ?? windows[1].ms);

/** Length of the recorder strip, ms; 0: all that was recorded. */
export const stripMs = signal<number>(Number(read('strip') ?? spans[0].ms));

/** Whether single keys act. They can be switched off for people who dictate or mistype (WCAG 2.1.4). */
export const singleKeys = signal(read('keys') !== 'off');

/** What the right column shows: who does it, or what the host is. */
export const side = signal<'processes' | 'host'>(read('side') === 'host' ? 'host' : 'processes');

/** Goes to the next theme: system, dark, light. */
export function nextTheme(): void {
  theme.value = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? 'system';
}

/** Applies and stores every choice from now on. */
export function keepSettings(themeChanged: () => void): void {
  effect(() => {
    if (theme.value === 'system') {
      delete document.documentElement.dataset['theme'];
    } else {
      document.documentElement.dataset['theme'] = theme.value;
    }

    write('theme', theme.value);
    themeChanged();
  });
  effect(() => write('window', String(windowMs.value)));
  effect(() => write('side', side.value));
  effect(() => write('strip', String(stripMs.value)));
  effect(() => write('keys', singleKeys.value ? 'on' : 'off'));
  matchMedia('(prefers-color-scheme: light)').addEventListener('change', themeChanged);
  matchMedia('(prefers-contrast: more)').addEventListener('change', themeChanged);
}

/** The length that was kept; null for what is none, or cannot be drawn. */
function keptWindow(text: string | null): number | null {
  const ms = Number(text);
  return ms >= leastWindow && ms <= mostWindow ? ms : null;
}

function read(name: string): string | null {
  try {
    return localStorage.getItem(`hostscope.${name}`);
  } catch {
    return null;
  }
}

function write(name: string, value: string): void {
  try {
    localStorage.setItem(`hostscope.${name}`, value);
  } catch {
    // Storage is full or forbidden: the choice lasts as long as the page.
  }
}
