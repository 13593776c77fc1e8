// Wires the page: connection to history, history to drawing, state to the shell.
import { liveAddress } from './address';
import { Connection } from './connection';
import { duration } from './format';
import { History } from './history';
import type { KeyBinding } from './keys';
import { Renderer } from './render';
import { keepSettings, nextTheme, windowMs } from './settings';
import * as state from './state';
import { begin, isSilent, next, phaseAt, type Timeline, type TimelineEvent } from './timeline';
import { tableKeys } from './tables/keys';
import type { Amount, LargeUser } from './tables/largest';
import { Tables } from './tables/tables';
import { keptMetrics } from './tracks/all';
import type { View } from './view';
import type { Frame, Hello, Message, Schema } from './wire';

/** What a page that is looked at wants; nothing is scanned for a hidden one. */
const allTopics = ['system', 'cores', 'processes', 'cgroups'];
const hiddenTopics = ['system', 'cores'];

/** How often age and phase are looked at, ms. */
const pulseMs = 500;

/** How long a notice stays, ms. */
const noticeMs = 12_000;

export class App {
  readonly history = new History((name) => keptMetrics.has(name));
  readonly tables = new Tables();
  readonly renderer: Renderer;
  readonly keys: readonly KeyBinding[];

  readonly #connection: Connection;
  #timeline: Timeline = begin(performance.now());
  #noticeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.renderer = new Renderer(this.history, () => phaseAt(this.#timeline, performance.now()));
    this.#connection = new Connection(liveAddress(location), document.hidden ? hiddenTopics : allTopics, {
      event: (event) => this.#changed(event),
      message: (message) => this.#take(message),
      unreadable: (error) => {
        state.problem.value = `The server sent what this page cannot read: ${error.message}.`;
      },
      attempts: () => this.#timeline.attempt,
    });
    this.keys = this.#keyTable();
  }

  /** Connects, and keeps everything going until the page is closed. */
  start(): void {
    keepSettings(() => this.renderer.recolour());
    windowMs.subscribe(() => this.renderer.redraw());
    this.#connection.dial();
    setInterval(() => this.#pulse(), pulseMs);
    window.addEventListener('online', () => this.#connection.dial());
    document.addEventListener('visibilitychange', () => this.#visibilityChanged());
  }

  retry(): void {
    this.#connection.dial();
  }

  /** The processes that used most of something in the second that the view is at; null when nobody looked. */
  usersAt(amount: Amount, view: View): readonly LargeUser[] | null {
    const { processes } = this.tables;
    return processes.largest.at(view.history.seq[view.at] ?? -1, amount, processes.summary?.interval ?? 1);
  }

  #visibilityChanged(): void {
    this.#connection.subscribe(document.hidden ? hiddenTopics : allTopics);
    if (document.hidden && state.isOutdated.value) {
      location.reload();
    } else if (!document.hidden) {
      this.#connection.dial();
      this.#pulse();
    }
  }

  #changed(event: TimelineEvent): void {
    this.#timeline = next(this.#timeline, event);
    this.#publish();
    if (event.type === 'close') {
      this.renderer.redraw();
    }
  }

  #take(message: Message): void {
    switch (message.type) {
      case 'frame':
        this.#takeFrame(message);
        break;
      case 'schema':
        this.#takeSchema(message);
        break;
      case 'hello':
        this.#takeHello(message);
        break;
      case 'processes':
      case 'cgroups':
        this.tables.take(message);
        this.renderer.refresh();
        break;
    }
  }

  #takeFrame(frame: Frame): void {
    const result = this.history.append(frame);
    if (result === 'gap' || result === 'mismatch') {
      this.#connection.resync();
    }

    if (result === 'appended' || result === 'gap') {
      this.#changed({ type: 'frame', at: performance.now() });
      this.renderer.redraw();
    }
  }

  #takeSchema(schema: Schema): void {
    this.history.setSchema(schema.series);
    this.#arrange();
  }

  #takeHello(hello: Hello): void {
    const at = performance.now();
    const newestHeld = this.history.newest;
    const before = phaseAt(this.#timeline, at);
    const merged = this.history.merge(hello.schema.series, hello.backlog, hello.interval);
    const newest = hello.backlog.t.at(-1) ?? null;
    this.tables.begin(hello.interval);
    state.problem.value = null;
    state.host.value = hello.host;
    state.capabilities.value = hello.capabilities;
    state.intervalMs.value = hello.interval;
    state.pageVersion.value ??= hello.version;
    state.serverVersion.value = hello.version;
    document.title = hello.host.name;
    const newestAgeMs = newest === null ? null : hello.now - newest;
    this.#changed({ type: 'hello', at, intervalMs: hello.interval, newestAgeMs });
    if (newestHeld >= 0 && merged.added > 1 && before.name !== 'live') {
      this.#announce(`Live again. ${duration((merged.added * hello.interval) / 1000)} filled in from the host.`);
    }

    this.#arrange();
    this.renderer.redraw();
    if (document.hidden && state.isOutdated.value) {
      location.reload();
    }
  }

  #arrange(): void {
    const { stack } = this.renderer;
    if (state.host.value !== null && stack !== null) {
      stack.arrange(this.history, state.host.value, state.capabilities.value);
    }
  }

  #announce(words: string): void {
    state.notice.value = words;
    clearTimeout(this.#noticeTimer);
    this.#noticeTimer = setTimeout(() => (state.notice.value = null), noticeMs);
  }

  #pulse(): void {
    if (isSilent(this.#timeline, performance.now())) {
      this.#connection.drop();
    }

    if (!document.hidden) {
      this.#publish();
      if (state.phase.value.name !== 'live') {
        this.renderer.redraw();
      }
    }
  }

  #publish(): void {
    if (document.hidden) {
      return;
    }

    const { history } = this;
    const newest = history.newest;
    state.phase.value = phaseAt(this.#timeline, performance.now());
    state.newestTime.value = newest < 0 ? null : (history.t[newest] ?? null);
    state.streamRate.value = this.#connection.rate();
    state.heldMs.value = newest < 0 ? 0 : (history.x[newest] ?? 0) - (history.x[history.start] ?? 0);
  }

  /** Moves the line by whole samples: back from the newest, forward up to it. */
  #step(by: number): boolean {
    const { history, renderer } = this;
    if (history.newest < 0) {
      return false;
    }

    const current = renderer.cursor === null ? history.newest : renderer.view.at;
    const target = Math.max(history.start, renderer.view.from, (current < 0 ? history.newest : current) + by);
    const x = history.x[target] ?? 0;
    renderer.point(target >= history.newest ? null : { kind: 'moment', x }, null);
    return true;
  }

  #keyTable(): KeyBinding[] {
    const done = (act: () => void) => (): boolean => {
      act();
      return true;
    };
    return [
      ...state.windows.map((item, i) => ({
        keys: [String(i + 1)],
        group: 'Time',
        words: `window of ${item.label.replace(' m', ' min')}`,
        act: done(() => (windowMs.value = item.ms)),
      })),
      {
        keys: ['←', '→'],
        group: 'Time',
        words: 'read the sample before, after',
        brief: 'read a second',
        act: (key) => this.#step(key === '←' ? -1 : 1),
      },
      {
        keys: ['J', 'K'],
        group: 'Tracks',
        words: 'next, previous track',
        brief: 'tracks',
        act: (key) => {
          this.renderer.stack?.focus(key === 'J' ? 1 : -1);
          return true;
        },
      },
      {
        keys: ['V'],
        group: 'Tracks',
        words: 'the track as a table of numbers',
        brief: 'numbers',
        act: done(() => (state.dialog.value = { kind: 'numbers', track: focusedTrack() })),
      },
      ...tableKeys(),
      { keys: ['T'], group: 'Page', words: 'theme: system, dark, light', brief: 'theme', act: done(nextTheme) },
      {
        keys: ['R'],
        group: 'Page',
        words: 'retry the connection now',
        act: done(() => this.retry()),
      },
      { keys: ['?'], group: 'Page', words: 'this sheet', act: done(() => (state.dialog.value = { kind: 'keys' })) },
      {
        keys: ['Esc'],
        group: 'Page',
        words: 'step out: dialog, line, notice',
        act: () => {
          this.renderer.point(null, null);
          state.notice.value = null;
          return state.dialog.value === null;
        },
      },
    ];
  }
}

function focusedTrack(): string {
  return document.activeElement?.closest<HTMLElement>('.track')?.dataset['track'] ?? 'cpu';
}
