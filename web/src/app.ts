// Wires the page: connection to history, history to drawing, state to the shell.
import { effect } from '@preact/signals';
import { auth, loggedOutCode, loginAddress, needsLogin } from './access';
import { hostPage, hostPath, liveAddress } from './address';
import { Connection } from './connection';
import { clock, duration } from './format';
import { History } from './history';
import type { KeyBinding } from './keys';
import { pageKeys } from './page-keys';
import { readAddress, writeAddress } from './past/address';
import { range, recorder, replay, replayTime } from './past/now';
import { Questions } from './past/questions';
import { Replay } from './past/replay';
import { Renderer } from './render';
import { keepSettings, stripMs, windowMs } from './settings';
import * as state from './state';
import { begin, isSilent, next, phaseAt, type Timeline, type TimelineEvent } from './timeline';
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

/** How often a server is asked about its recorder that does not tell by itself, ms. */
const recorderMs = 60_000;

/** The address is written at most so often, ms: a browser allows a hundred times in half a minute. */
const addressMs = 400;

export class App {
  readonly history = new History((name) => keptMetrics.has(name));
  readonly tables = new Tables();
  readonly renderer: Renderer;
  readonly keys: readonly KeyBinding[];

  readonly replay: Replay;
  readonly questions = new Questions(hostPath(location, ''));

  readonly #connection: Connection;
  #addressTimer: ReturnType<typeof setTimeout> | undefined;
  #markedAt: number | null = null;
  #hasReadAddress = false;
  #recorderSaid = true;
  #askedAt = -Infinity;
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
    this.replay = new Replay(
      {
        live: this.history,
        tables: this.tables,
        redraw: () => this.renderer.redraw(),
        plotWidth: () => this.renderer.stack?.overlay.clientWidth ?? 600,
        schema: () => this.history.series,
        moved: (isNew) => this.#writeAddress(isNew),
      },
      this.questions,
    );
    this.renderer.past = (growthMs) => this.replay.picture(growthMs);
    this.keys = pageKeys(this);
  }

  /** Connects, and keeps everything going until the page is closed. */
  start(): void {
    keepSettings(() => this.renderer.recolour());
    windowMs.subscribe(() => this.renderer.redraw());
    this.#connection.dial();
    setInterval(() => this.#pulse(), pulseMs);
    window.addEventListener('online', () => this.#connection.dial());
    window.addEventListener('popstate', () => this.#readAddress());
    stripMs.subscribe(() => this.renderer.redraw());
    effect(() => showInTitle(state.host.value?.name ?? null, replayTime.value));
    document.addEventListener('visibilitychange', () => this.#visibilityChanged());
  }

  retry(): void {
    this.#connection.dial();
  }

  /** The processes that used most of something in the second that the view is at; null when nobody looked. */
  usersAt(amount: Amount, view: View): readonly LargeUser[] | null {
    const { live } = this.tables;
    return view.history === this.history
      ? live.largest.at(view.history.seq[view.at] ?? -1, amount, live.summary?.interval ?? 1)
      : this.replay.largest(amount, view.history.momentOf(view.at));
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
    const wasRefused = event.type === 'close' && this.#timeline.link === 'opening';
    this.#timeline = next(this.#timeline, event);
    this.#publish();
    if (event.type === 'close') {
      this.renderer.redraw();
      void this.#checkLogin(event.code, wasRefused);
    }
  }

  /** A browser does not tell why a connection was refused, so the server is asked whether it wants a login. */
  async #checkLogin(code: number, wasRefused: boolean): Promise<void> {
    if (code === loggedOutCode || (wasRefused && (await needsLogin(location)) === true)) {
      location.assign(loginAddress(location));
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
      case 'recorder':
        recorder.value = message;
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
    this.#recorderSaid = hello.recorder !== undefined;
    if (hello.recorder !== undefined) {
      recorder.value = hello.recorder;
    }

    auth.value = hello.auth;
    const newestAgeMs = newest === null ? null : hello.now - newest;
    this.#changed({ type: 'hello', at, intervalMs: hello.interval, newestAgeMs });
    if (newestHeld >= 0 && merged.added > 1 && before.name !== 'live') {
      this.#announce(`Live again. ${duration((merged.added * hello.interval) / 1000)} filled in from the host.`);
    }

    this.#arrange();
    this.replay.retry();
    if (this.#recorderSaid) {
      this.#begin();
    } else {
      void this.#askRecorder();
    }

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

    if (!this.#recorderSaid && performance.now() - this.#askedAt > recorderMs) {
      void this.#askRecorder();
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
  readBy(by: number): boolean {
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

  /** Chooses the length of the window; in replay the moment keeps its place on the screen. */
  setWindow(ms: number): void {
    const at = replayTime.value;
    if (at === null) {
      windowMs.value = ms;
    } else {
      this.replay.zoom(ms, at);
    }
  }

  /** Goes to the previous (-1) or next event. */
  toEvent(by: 1 | -1): void {
    const at = replayTime.value ?? this.replay.newest;
    const events = this.renderer.strip?.events ?? [];
    const found = by === 1 ? events.find(({ t }) => t > at + 1000) : events.findLast(({ t }) => t < at - 1000);
    if (found === undefined) {
      this.#announce(`No ${by === 1 ? 'later' : 'earlier'} event on the strip.`);
    } else {
      this.replay.enter(found.t, true);
      this.#announce(`${clock(found.t)}: ${found.text}`);
    }
  }

  /** Marks the start of a range at the moment that is shown, then its end. */
  mark(): void {
    const at = replayTime.value ?? this.replay.newest;
    if (this.#markedAt === null || at === this.#markedAt) {
      this.#markedAt = at;
      this.#announce(`Range begins at ${clock(at)}. M again marks its end.`);
    } else {
      this.replay.select(this.#markedAt, at, at);
      this.#markedAt = null;
    }
  }

  /** Puts a link to what is shown, absolute and for anybody, on the clipboard. */
  async copyLink(): Promise<void> {
    const id = state.host.value?.id ?? 'local';
    const shown = { t: replayTime.value ?? this.replay.newest, r: range.value, w: windowMs.value };
    const link = `${location.origin}${hostPage(location, id)}${writeAddress('', shown)}`;
    try {
      await navigator.clipboard.writeText(link);
      this.#announce(`Link to ${clock(shown.t)} copied.`);
    } catch {
      // Browsers give the clipboard only to pages that came over TLS or from this machine.
      this.#announce(link);
    }
  }

  /** Shows what the address asks for, once it is known whether there is a past. */
  #begin(): void {
    if (!this.#hasReadAddress) {
      this.#hasReadAddress = true;
      this.#readAddress();
    }
  }

  /** Asks for what the live connection did not say. */
  async #askRecorder(): Promise<void> {
    this.#askedAt = performance.now();
    try {
      recorder.value = await this.questions.recorder();
      this.#begin();
      this.renderer.redraw();
    } catch {
      // It is asked again; until then the page shows what it holds.
    }
  }

  /** Shows what the address says. */
  #readAddress(): void {
    const { t, r, w, problem } = readAddress(location.search);
    if (problem !== null) {
      this.#announce(`${problem} This is the live page.`);
    }

    if (w !== null) {
      windowMs.value = w;
    }

    range.value = r;
    if (t === null) {
      this.replay.live(false);
    } else if (recorder.value !== null) {
      this.replay.enter(t, false);
    }
  }

  /** Writes what is shown into the address, at most a few times a second: browsers allow no more. */
  #writeAddress(isNew: boolean): void {
    const write = (): void => {
      this.#addressTimer = undefined;
      const shown = { t: replay.value === null ? null : replayTime.value, r: range.value };
      const search = writeAddress(location.search, { ...shown, w: shown.t === null ? null : windowMs.value });
      if (search !== location.search) {
        window.history.replaceState(null, '', `${location.pathname}${search}`);
      }
    };
    if (isNew) {
      clearTimeout(this.#addressTimer);
      window.history.pushState(null, '', location.href);
      write();
    } else {
      // Not put off by what comes meanwhile: it says what is shown by then.
      this.#addressTimer ??= setTimeout(write, addressMs);
    }
  }
}

/** The title says of a tab in the background whether it shows the past. */
function showInTitle(name: string | null, past: number | null): void {
  document.title = name === null ? 'Hostscope' : past === null ? name : `\u25ae\u25ae ${clock(past)} ${name}`;
}
