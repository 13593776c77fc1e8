import { bits, figures, missing, type Quantity } from '../format';
import type { Column, History } from '../history';
import { interfacesOf, networkDropped, networkErrors, networkIo, networkPackets, outerInterfaces } from './interfaces';
import { directionOf, Mirror, sumAt } from './mirror';
import type { Track } from './track';

/** 100 kbit/s, in bytes: below it traffic is chatter. */
const floor = 100_000 / 8;

/** Bits received and sent through the interfaces that lead out of the machine. */
export const network: Track = {
  id: 'network',
  title: 'Network',
  needs: [networkIo, networkPackets, networkErrors, networkDropped],
  isPlotted: true,
  source: 'network',
  weight: 74,
  absent: (history) =>
    outerInterfaces(interfacesOf(history)).length === 0 ? 'This host has no network interface but lo.' : null,
  mount(frame, palette) {
    // The scale is kept in bits, because its round numbers are round in bits.
    const label = (bound: number): string => {
      const { value, unit } = bits(bound / 8);
      return `${value} ${unit.replace('/s', '')}`;
    };
    const mirror = new Mirror(frame, 'net', { kind: 'decimal', floor: floor * 8, label }, palette);
    const [inCell, outCell, lostCell] = frame.legend([
      { id: 'in', label: 'in ↑', colour: 'net' },
      { id: 'out', label: 'out ↓', colour: 'net' },
      { id: 'lost', label: 'errors, drops', colour: 'none' },
    ]);
    const columns = new NetworkColumns();
    const [above, below] = [directionOf(() => columns.of('in'), 8), directionOf(() => columns.of('out'), 8)];
    return {
      draw(view) {
        columns.refresh(view.history);
        mirror.draw(view, above, below);
      },
      read(view) {
        columns.refresh(view.history);
        const [received, sent] = [columns.sum('in', view.at), columns.sum('out', view.at)];
        const total = bits(received + sent);
        frame.write(total.value, total.unit);
        inCell?.value.write(text(bits(received)));
        outCell?.value.write(text(bits(sent)));
        const lost = columns.sum('lost', view.at);
        lostCell?.label.write(columns.names === '' ? 'errors, drops' : `${columns.names} lost`);
        lostCell?.value.write(Number.isNaN(lost) ? missing : `${figures(lost)} /s`);
      },
      level(view, index) {
        columns.refresh(view.history);
        return columns.sum('in', index) + columns.sum('out', index);
      },
      resize: (width, height) => mirror.resize(width, height),
      unmount: () => mirror.destroy(),
      numbers: () => [
        { name: 'in', unit: 'Mbit/s', text: (index) => figures((8 * columns.sum('in', index)) / 1e6) },
        { name: 'out', unit: 'Mbit/s', text: (index) => figures((8 * columns.sum('out', index)) / 1e6) },
        { name: 'packets', unit: '/s', text: (index) => figures(columns.sum('packets', index)) },
        { name: 'errors, drops', unit: '/s', text: (index) => figures(columns.sum('lost', index)) },
      ],
    };
  },
};

function text({ value, unit }: Quantity): string {
  return unit === '' ? value : `${value} ${unit}`;
}

type Member = 'in' | 'out' | 'packets' | 'lost';

class NetworkColumns {
  /** The interface that is summed, or how many are. */
  names = '';

  #columns: Record<Member, Column[]> = { in: [], out: [], packets: [], lost: [] };
  #version = -1;

  refresh(history: History): void {
    if (history.version === this.#version) {
      return;
    }

    this.#version = history.version;
    const interfaces = outerInterfaces(interfacesOf(history));
    this.names = interfaces.length > 1 ? `${interfaces.length} interfaces` : (interfaces[0]?.name ?? '');
    this.#columns = {
      in: interfaces.flatMap((item) => item.received ?? []),
      out: interfaces.flatMap((item) => item.sent ?? []),
      packets: interfaces.flatMap((item) => item.packets),
      lost: interfaces.flatMap((item) => [...item.errors, ...item.drops]),
    };
  }

  of(member: Member): readonly Column[] {
    return this.#columns[member];
  }

  sum(member: Member, index: number): number {
    return sumAt(this.#columns[member], index);
  }
}
