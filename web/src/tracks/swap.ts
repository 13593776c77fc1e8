import { bytes, bytesIn, mebibytes, missing } from '../format';
import type { Column, History } from '../history';
import { axisBytes, directionOf, Mirror } from './mirror';
import type { Track } from './track';

const usage = 'system.paging.usage';
const io = 'system.paging.io';
const mebibyte = 1024 ** 2;

/** Swap traffic: what matters is whether pages move, not how many lie there. */
export const swap: Track = {
  id: 'swap',
  title: 'Swap',
  needs: [usage, io],
  isPlotted: true,
  source: 'vmstat',
  weight: 44,
  absent(history, host) {
    const columns = new SwapColumns();
    columns.refresh(history);
    const total = columns.total(history.newest);
    if (host.swapBytes === 0 || total === 0) {
      return total > 0 ? null : 'This host has no swap space.';
    }

    return columns.hasTraffic ? null : 'The host sends no swap traffic.';
  },
  mount(frame, palette) {
    const scale = { kind: 'binary', floor: mebibyte, label: axisBytes } as const;
    const mirror = new Mirror(frame, 'memory', scale, palette);
    const columns = new SwapColumns();
    const [above, below] = [directionOf(() => columns.of('in')), directionOf(() => columns.of('out'))];
    const [traffic] = frame.legend([{ id: 'io', label: 'in ↑ out ↓', colour: 'memory' }]);
    return {
      draw(view) {
        columns.refresh(view.history);
        mirror.draw(view, above, below);
      },
      read(view) {
        columns.refresh(view.history);
        const total = columns.total(view.at);
        const { value, unit } = bytes(total);
        frame.write(bytesIn(columns.used(view.at), unit), unit === '' ? '' : `/ ${value} ${unit}`);
        const [pagedIn, pagedOut] = [columns.in(view.at), columns.out(view.at)];
        const known = !Number.isNaN(pagedIn) && !Number.isNaN(pagedOut);
        traffic?.value.write(known ? `${mebibytes(pagedIn)} / ${mebibytes(pagedOut)} MiB/s` : missing);
      },
      level(view, index) {
        columns.refresh(view.history);
        return columns.in(index) + columns.out(index);
      },
      resize: (width, height) => mirror.resize(width, height),
      unmount: () => mirror.destroy(),
      numbers: () => [
        { name: 'used', unit: 'MiB', text: (index) => mebibytes(columns.used(index)) },
        { name: 'in', unit: 'MiB/s', text: (index) => mebibytes(columns.in(index)) },
        { name: 'out', unit: 'MiB/s', text: (index) => mebibytes(columns.out(index)) },
      ],
    };
  },
};

class SwapColumns {
  #used: Column | undefined;
  #free: Column | undefined;
  #in: Column | undefined;
  #out: Column | undefined;
  #version = -1;

  get hasTraffic(): boolean {
    return this.#in !== undefined && this.#out !== undefined;
  }

  refresh(history: History): void {
    if (history.version !== this.#version) {
      this.#version = history.version;
      this.#used = history.column(usage, { 'system.paging.state': 'used' });
      this.#free = history.column(usage, { 'system.paging.state': 'free' });
      this.#in = history.column(io, { 'system.paging.direction': 'in' });
      this.#out = history.column(io, { 'system.paging.direction': 'out' });
    }
  }

  used(index: number): number {
    return this.#used?.values[index] ?? NaN;
  }

  total(index: number): number {
    return this.used(index) + (this.#free?.values[index] ?? NaN);
  }

  of(direction: 'in' | 'out'): readonly Column[] {
    const column = direction === 'in' ? this.#in : this.#out;
    return column === undefined ? [] : [column];
  }

  in(index: number): number {
    return this.#in?.values[index] ?? NaN;
  }

  out(index: number): number {
    return this.#out?.values[index] ?? NaN;
  }
}
