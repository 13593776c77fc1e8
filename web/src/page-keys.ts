// The keys of the page: what each does. The tables' own are in tables/keys.ts.
import type { App } from './app';
import { heldMs } from './history';
import type { KeyBinding } from './keys';
import { range, recorder, replayTime } from './past/now';
import { zoomBy } from './past/strip-pointer';
import { nextTheme, windowMs } from './settings';
import * as state from './state';
import { tableKeys } from './tables/keys';

/** How much one key press zooms, and which share of the window it pans. */
const zoomStep = 1.5;
const panShare = 0.25;

function done(act: () => void): () => boolean {
  return () => {
    act();
    return true;
  };
}

/** Acts only where there is a past; else the key is free. */
function past(act: (key: string) => void): (key: string) => boolean {
  return (key) => {
    if (recorder.value === null) {
      return false;
    }

    act(key);
    return true;
  };
}

export function pageKeys(app: App): KeyBinding[] {
  return [
    ...timeKeys(app),
    ...rangeKeys(app),
    ...trackKeys(app),
    ...tableKeys(),
    { keys: ['T'], group: 'Page', words: 'theme: system, dark, light', act: done(nextTheme) },
    { keys: ['R'], group: 'Page', words: 'retry the connection now', act: done(() => app.retry()) },
    { keys: ['?'], group: 'Page', words: 'this sheet', act: done(() => (state.dialog.value = { kind: 'keys' })) },
    {
      keys: ['Esc'],
      group: 'Page',
      words: 'step out: dialog, line, range, replay',
      act: () => {
        if (state.dialog.value !== null) {
          // An open one closes by itself; one that is still being fetched does not open.
          const isOpen = document.querySelector('dialog[open]') !== null;
          state.dialog.value = isOpen ? state.dialog.value : null;
          return !isOpen;
        }

        stepOut(app);
        return true;
      },
    },
  ];
}

/** One thing at a time: what was opened last goes first. */
function stepOut(app: App): void {
  const { renderer, replay } = app;
  if (state.notice.value !== null) {
    state.notice.value = null;
  } else if (renderer.cursor?.kind === 'moment') {
    renderer.point(null, null);
  } else if (range.value !== null) {
    replay.clearRange();
  } else {
    replay.live();
  }
}

function timeKeys(app: App): KeyBinding[] {
  const { replay } = app;
  const group = 'Time';
  const arrows = (ms: number) => (key: string): void => replay.step({ ms: key.includes('←') ? -ms : ms });
  return [
    { keys: ['Space'], group, words: 'pause; play from here', brief: 'pause', act: past(() => replay.pause()) },
    { keys: ['L'], group, words: 'go live', act: past(() => replay.live()) },
    {
      keys: ['←', '→'],
      group,
      words: 'a second back, forward',
      brief: '1 s',
      act: (key) => {
        if (recorder.value === null) {
          return app.readBy(key === '←' ? -1 : 1);
        }

        replay.step({ samples: key === '←' ? -1 : 1 });
        return true;
      },
    },
    {
      keys: ['Shift ←', 'Shift →'],
      print: ['Shift', '←', '→'],
      group,
      words: '10 seconds',
      brief: '10 s',
      act: past(arrows(10_000)),
    },
    { keys: ['Alt ←', 'Alt →'], print: ['Alt', '←', '→'], group, words: 'a minute', act: past(arrows(60_000)) },
    { keys: ['[', ']'], group, words: 'previous, next event', act: past((key) => app.toEvent(key === '[' ? -1 : 1)) },
    {
      keys: ['Home', 'End'],
      group,
      words: 'oldest recorded, newest',
      act: past((key) => (key === 'End' ? replay.live() : replay.enter(recorder.value?.oldest ?? 0, true))),
    },
    {
      keys: ['<', '>'],
      group,
      words: 'play slower, faster: 1/4 to 60 ×',
      act: past((key) => replay.faster(key === '<' ? -1 : 1)),
    },
    { keys: ['G'], group, words: 'go to a time', act: past(() => (state.dialog.value = { kind: 'goto' })) },
    {
      keys: state.windows.map((_, i) => String(i + 1)),
      print: ['1', '…', '7'],
      group,
      words: 'window of 1, 5, 15 min, 1, 6, 24 h, 7 d',
      act: (key) => {
        const wanted = state.windows[Number(key) - 1];
        if (wanted === undefined || (wanted.ms > heldMs && recorder.value === null)) {
          return false;
        }

        app.setWindow(wanted.ms);
        return true;
      },
    },
  ];
}

function rangeKeys(app: App): KeyBinding[] {
  const { replay } = app;
  const group = 'Range and zoom';
  const around = (): number => replayTime.value ?? replay.newest;
  return [
    {
      keys: ['W', 'S'],
      group,
      words: 'zoom in, out',
      brief: 'zoom',
      act: past((key) => zoomBy(replay, key === 'W' ? 1 / zoomStep : zoomStep, around())),
    },
    {
      keys: ['A', 'D'],
      group,
      words: 'pan back, forward',
      act: past((key) => replay.step({ ms: (key === 'A' ? -panShare : panShare) * windowMs.value })),
    },
    { keys: ['M'], group, words: 'mark the start, then the end of a range', act: past(() => app.mark()) },
    {
      keys: ['Z'],
      group,
      words: 'zoom to the range',
      act: past(() => range.value !== null && replay.frame(range.value[0], range.value[1])),
    },
    { keys: ['Y'], group, words: 'copy a link to this moment or range', act: past(() => void app.copyLink()) },
    { keys: ['X'], group, words: 'export as a file', act: past(() => (state.dialog.value = { kind: 'export' })) },
  ];
}

function trackKeys(app: App): KeyBinding[] {
  const group = 'Tracks';
  const focused = (): string => document.activeElement?.closest<HTMLElement>('.track')?.dataset['track'] ?? 'cpu';
  return [
    {
      keys: ['J', 'K'],
      group,
      words: 'next, previous track',
      act: (key) => {
        app.renderer.stack?.focus(key === 'J' ? 1 : -1);
        return true;
      },
    },
    {
      keys: ['V'],
      group,
      words: 'the track as a table of numbers',
      brief: 'numbers',
      act: done(() => (state.dialog.value = { kind: 'numbers', track: focused() })),
    },
  ];
}

