import type { HostInfo } from '../wire';

/** Name and version of the system in few words: `Debian 12`. */
export function shortSystem(host: HostInfo): string | null {
  const name = host.osName?.replace(/\s+(GNU\/)?Linux\b/, '').trim();
  if (name === undefined || name === '') {
    return host.osPrettyName;
  }

  return host.osVersion === null ? name : `${name} ${host.osVersion}`;
}

/** A CPU model without trademarks, vendor and what the number of CPUs says already: `EPYC 7443P`, `Xeon Gold 6230`. */
export function shortCpu(model: string): string {
  const short = model
    .replace(/\((R|TM|C)\)/gi, '')
    .replace(/\s*@.*$/, '')
    .replace(/\b\d+-Core\b/gi, '')
    .replace(/\b(CPU|Processor|with .* Graphics)\b/gi, '')
    .replace(/^\s*(AMD|Intel|Apple)\b/i, '')
    .replace(/\s+/g, ' ')
    .trim();
  return short === '' ? model.trim() : short;
}

/** Sockets, cores and threads as far as they are known: `1 socket, 8 cores, 16 threads`. */
export function topology(host: HostInfo): string | null {
  const parts = [
    [host.cpuSockets, 'socket'],
    [host.cpuCores, 'core'],
    [host.cpuThreads, 'thread'],
  ] as const;
  const known = parts.flatMap(([count, noun]) => (count === null ? [] : `${count} ${noun}${count === 1 ? '' : 's'}`));
  return known.length === 0 ? null : known.join(', ');
}
