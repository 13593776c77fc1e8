import type { Column, History } from '../history';

export const networkIo = 'system.network.io';
export const networkPackets = 'system.network.packet.count';
export const networkErrors = 'system.network.errors';
export const networkDropped = 'system.network.packet.dropped';

/** The columns of one network interface. */
export interface Interface {
  readonly name: string;
  received: Column | undefined;
  sent: Column | undefined;
  packets: Column[];
  errors: Column[];
  drops: Column[];
}

/** Bridges, bonds, tunnels and the ends of containers: their bytes pass a real interface as well. */
const passesOn = new RegExp(
  '^(veth|docker|br-|virbr|cni|flannel|cali|cilium|lxc|lxd|vnet|tap|tun|wg|ifb|dummy|bond|team|vlan|sit|gre)',
);

/** Interfaces through which bytes leave or enter the machine, so that their sum counts none twice. */
export function outerInterfaces<T extends { readonly name: string }>(interfaces: readonly T[]): T[] {
  const others = interfaces.filter((item) => item.name !== 'lo');
  const outer = others.filter((item) => !passesOn.test(item.name) && !item.name.includes('.'));
  return outer.length > 0 ? outer : others;
}

/** The network interfaces of a history, by name. */
export function interfacesOf(history: History): Interface[] {
  const interfaces = new Map<string, Interface>();
  const each = (metric: string, take: (item: Interface, column: Column) => void): void => {
    for (const column of history.columnsOf(metric)) {
      const name = column.series.labels['network.interface.name'] ?? '';
      const empty = { received: undefined, sent: undefined, packets: [], errors: [], drops: [] };
      const item = interfaces.get(name) ?? { name, ...empty };
      interfaces.set(name, item);
      take(item, column);
    }
  };

  each(networkIo, (item, column) => {
    if (column.series.labels['network.io.direction'] === 'receive') {
      item.received = column;
    } else {
      item.sent = column;
    }
  });
  each(networkPackets, (item, column) => item.packets.push(column));
  each(networkErrors, (item, column) => item.errors.push(column));
  each(networkDropped, (item, column) => item.drops.push(column));
  return [...interfaces.values()].sort((a, b) => a.name.localeCompare(b.name));
}
