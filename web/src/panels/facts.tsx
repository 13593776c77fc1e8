import { bytes, clock, date } from '../format';
import { host } from '../state';
import type { HostAddress, HostInfo } from '../wire';
import { topology } from './names';

/** Everything that does not change while the machine runs. */
export function Facts() {
  const facts = host.value;
  if (facts === null) {
    return (
      <section class="panel">
        <div class="panel-head">
          <h2 class="panel-title">Host</h2>
        </div>
        <p class="panel-empty">Not known yet.</p>
      </section>
    );
  }

  return (
    <section class="panel" data-testid="facts">
      <div class="panel-head">
        <h2 class="panel-title">Host</h2>
        <span class="panel-note">{facts.id === facts.name ? 'what stays the same until the next boot' : facts.id}</span>
      </div>
      <dl class="facts-list">
        {rows(facts).map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd title={typeof value === 'string' ? value : undefined}>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function rows(facts: HostInfo) {
  const amount = (value: number | null): string | null => {
    if (value === null) {
      return null;
    }

    const { value: number, unit } = bytes(value);
    return value === 0 ? 'none' : `${number} ${unit}`;
  };
  const booted = facts.bootUnixMs === null ? null : `${date(facts.bootUnixMs)}, ${clock(facts.bootUnixMs)}`;
  const all = [
    ['System', facts.osPrettyName ?? facts.osName],
    ['Processor', facts.cpuModel],
    ['Kernel', facts.kernel],
    ['Topology', topology(facts)],
    ['Architecture', facts.architecture],
    ['Memory', amount(facts.memoryBytes)],
    ['Hardware', facts.hardware],
    ['Swap', amount(facts.swapBytes)],
    ['Virtual machine', facts.virtualization ?? 'no, or not detectable'],
    ['Container', facts.container ?? 'no'],
    ['Booted', booted],
    ['Time zone', facts.timeZone],
    ['Addresses', facts.addresses.length === 0 ? 'none but loopback' : <Addresses addresses={facts.addresses} />],
  ] as const;
  return all.filter(([, value]) => value !== null);
}

function Addresses({ addresses }: { readonly addresses: readonly HostAddress[] }) {
  return (
    <ul class="addresses">
      {addresses.map((item) => (
        <li key={`${item.interface} ${item.address}`}>
          {item.address}
          <span class="dim">{item.prefixLength === null ? '' : `/${item.prefixLength}`}</span>
          {item.interface !== null && <span class="dim"> {item.interface}</span>}
        </li>
      ))}
    </ul>
  );
}
