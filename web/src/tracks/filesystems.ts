import { element, TextCell, toggle } from '../dom';
import { bytes, bytesIn, missing, percent } from '../format';
import type { History } from '../history';
import {
  attentionShare, byUrgency, criticalShare, filesystemInodes, filesystemResponding, filesystemUsage, type Mount,
  mountsOf, type MountState, stateOf,
} from './mounts';
import type { Track } from './track';

/** Height of one bar with its two lines of text and the gap below, CSS pixels. */
const barHeight = 43;
const columns = 2;

/** How full each mounted file system is. */
export const filesystems: Track = {
  id: 'filesystems',
  title: 'Filesystems',
  needs: [filesystemUsage, filesystemInodes, filesystemResponding],
  isPlotted: false,
  source: 'filesystems',
  weight: 96,
  least: 94,
  absent: (history) => (mountsOf(history).length === 0 ? 'This host shows no file system of its own.' : null),
  mount(frame) {
    const [worst, hidden] = frame.legend([
      { id: 'worst', label: '', colour: null },
      { id: 'hidden', label: '', colour: null },
    ]);
    const bars = element('div', 'bars');
    frame.plot.replaceWith(bars);
    frame.labels.remove();
    const pool: Bar[] = [];
    let mounts: Mount[] = [];
    let version = -1;
    let fit = 4;
    const refresh = (history: History): void => {
      if (version !== history.version) {
        version = history.version;
        mounts = mountsOf(history);
      }
    };

    return {
      draw: (view) => refresh(view.history),
      read(view) {
        refresh(view.history);
        const states = mounts.map((mount) => stateOf(mount, view.at)).sort(byUrgency);
        const shown = states.length <= fit ? states : states.slice(0, fit);
        while (pool.length < shown.length) {
          const bar = new Bar();
          pool.push(bar);
          bars.append(bar.root);
        }

        pool.forEach((bar, i) => bar.write(shown[i], view.at >= 0));
        const fullest = states.reduce((most, state) => Math.max(most, state.share || 0), 0);
        frame.write(states.some((state) => state.share >= 0) ? percent(100 * fullest) : missing, '% max');
        const urgent = states.find((state) => !state.answers || state.share >= attentionShare);
        toggle(worst?.root ?? bars, 'attn', urgent !== undefined);
        worst?.label.write(urgent === undefined ? '' : `▲ ${urgent.mount.point}`);
        worst?.value.write(urgent === undefined ? '' : urgent.answers ? 'nearly full' : 'not answering');
        hidden?.label.write(states.length > shown.length ? `${states.length - shown.length} more, V lists them` : '');
      },
      level(view, index) {
        refresh(view.history);
        return Math.max(...mounts.map((mount) => stateOf(mount, index).share || 0));
      },
      resize: () => {
        fit = Math.max(columns, columns * Math.floor((bars.clientHeight - 4) / barHeight));
      },
      unmount: () => bars.remove(),
      numbers: () =>
        mounts.map((mount) => ({
          name: mount.point,
          unit: 'GiB',
          text: (index) => bytesIn(stateOf(mount, index).usedBytes, 'GiB'),
        })),
    };
  },
};

/** One file system: name, figures, bar and a note. */
class Bar {
  readonly root: HTMLElement;
  readonly #name: TextCell;
  readonly #kind: TextCell;
  readonly #amount: TextCell;
  readonly #share: TextCell;
  readonly #note: TextCell;
  readonly #fill = element('i');
  #width = '';

  constructor() {
    const name = element('span', 'name');
    const kind = element('span', 'kind');
    const amount = element('span');
    const share = element('b');
    const note = element('div', 'bar-note');
    this.#name = new TextCell(name);
    name.append(' ', kind);
    this.#kind = new TextCell(kind);
    this.#amount = new TextCell(amount);
    this.#share = new TextCell(share);
    this.#note = new TextCell(note);
    const figure = element('span', 'figure', amount, ' ', share);
    this.root = element(
      'div', 'bar', element('div', 'bar-head', name, figure), element('div', 'meter', this.#fill), note,
    );
  }

  write(state: MountState | undefined, measured: boolean): void {
    this.root.hidden = state === undefined;
    if (state === undefined) {
      return;
    }

    const known = state.answers && state.share >= 0;
    toggle(this.root, 'attn', !state.answers || (state.share >= attentionShare && state.share < criticalShare));
    toggle(this.root, 'crit', state.answers && state.share >= criticalShare);
    toggle(this.root, 'mute', !known);
    this.#name.write(state.mount.point);
    this.#kind.write(state.mount.kind);
    const total = bytes(state.totalBytes);
    this.#amount.write(known ? `${bytesIn(state.usedBytes, total.unit)} / ${total.value} ${total.unit}` : missing);
    this.#share.write(known ? `${percent(100 * state.share)} %` : '');
    this.#note.write(measured ? noteOf(state, known) : 'no data at this second');
    const width = known ? `${(100 * state.share).toFixed(1)}%` : '0';
    if (width !== this.#width) {
      this.#width = width;
      this.#fill.style.width = width;
    }
  }
}

function noteOf(state: MountState, known: boolean): string {
  if (!state.answers) {
    return '▲ not answering for 3 s or longer';
  }

  if (!known) {
    return 'no answer yet';
  }

  const free = bytes(state.freeBytes);
  const inodes = state.inodeShare >= 0 ? ` · ${percent(100 * state.inodeShare)} % of inodes` : '';
  return `${free.value} ${free.unit} free${inodes}`;
}
