// Goal: sums count no byte twice, shares agree with df and top, names are short but right.
import { describe, expect, test } from 'vitest';
import { liveAddress } from '../src/address';
import { History } from '../src/history';
import { keyName } from '../src/keys';
import { shortCpu, shortSystem, topology } from '../src/panels/names';
import { CpuModes } from '../src/tracks/cpu-modes';
import { wholeDisks } from '../src/tracks/disk-columns';
import { outerInterfaces } from '../src/tracks/interfaces';
import { byUrgency, mountsOf, stateOf } from '../src/tracks/mounts';
import { decode, type Hello } from '../src/wire';
import { frame, helloText, series } from './samples';

const named = (...names: string[]): { name: string }[] => names.map((name) => ({ name }));
const namesOf = (items: readonly { name: string }[]): string[] => items.map((item) => item.name);

describe('disks', () => {
  test.each([
    [['sda', 'sda1', 'sda2', 'sdb'], ['sda', 'sdb']],
    [['nvme0n1', 'nvme0n1p1', 'nvme1n1', 'mmcblk0', 'mmcblk0p2'], ['nvme0n1', 'nvme1n1', 'mmcblk0']],
    [['vda', 'dm-0', 'md127', 'loop3', 'zram0', 'sr0'], ['vda']],
    [['sda1'], ['sda1']],
    [['dm-0', 'dm-1'], ['dm-0', 'dm-1']],
    [[], []],
  ])('of %j the sum takes %j', (all, whole) => expect(namesOf(wholeDisks(named(...all)))).toEqual(whole));
});

describe('network interfaces', () => {
  test.each([
    [['lo', 'eno1'], ['eno1']],
    [['lo', 'eth0', 'docker0', 'veth12ab', 'br-9f', 'eth0.100', 'wg0', 'ifb0'], ['eth0']],
    [['lo', 'wg0'], ['wg0']],
    [['lo'], []],
  ])('of %j the sum takes %j', (all, outer) => expect(namesOf(outerInterfaces(named(...all)))).toEqual(outer));
});

describe('CPU modes', () => {
  const modes = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'guest'];
  const history = new History(() => true);
  history.setSchema([
    ...modes.map((mode) => series('system.cpu.time', { 'cpu.mode': mode })),
    series('system.cpu.time', { 'cpu.logical_number': '0', 'cpu.mode': 'user' }),
    series('system.cpu.logical.count'),
  ]);
  history.append(frame(1, 1000, [null, null, null, null, null, null, null, null, null, 4], null));
  history.append(frame(2, 2000, [1, 0.2, 0.6, 1.6, 0.4, 0.1, 0.1, 0.9, 1, 4]));
  const cpu = new CpuModes();
  cpu.refresh(history);

  test('are shares of all CPUs; irq holds softirq', () => {
    expect(cpu.share('user', 1)).toBeCloseTo(0.25);
    expect(cpu.share('irq', 1)).toBeCloseTo(0.05);
  });

  test('busy is what worked: no iowait, and guest is in user already', () => {
    expect(cpu.busy(1)).toBeCloseTo((1 + 0.2 + 0.6 + 0.2) / 4);
  });

  test('a mode that the kernel lacks is missing, and so is the first sample', () => {
    expect(cpu.share('steal', 1)).toBeNaN();
    expect(cpu.busy(0)).toBeNaN();
  });
});

describe('file systems', () => {
  const labels = (point: string, device: string, state?: string): Record<string, string> => ({
    'system.device': device,
    'system.filesystem.mountpoint': point,
    'system.filesystem.type': 'ext4',
    ...(state === undefined ? {} : { 'system.filesystem.state': state }),
  });
  const usage = (point: string, device: string) => ['used', 'free', 'reserved'].map((state) =>
    series('system.filesystem.usage', labels(point, device, state)));
  const history = new History(() => true);
  history.setSchema([
    ...usage('/', '/dev/vda'), ...usage('/srv', '/dev/vdb'), ...usage('/mnt/bind', '/dev/vda'),
    ...usage('/nas', 'nas:/x'), series('system.filesystem.responding', labels('/nas', 'nas:/x')),
  ]);
  history.append(frame(1, 1000, [60, 30, 10, 95, 5, 0, 60, 30, 10, null, null, null, 0], null));
  const states = mountsOf(history).map((mount) => stateOf(mount, 0)).sort(byUrgency);

  test('a device that is mounted twice is shown once', () => {
    expect(states.map((state) => state.mount.point).sort()).toEqual(['/', '/nas', '/srv']);
  });

  test('the share is that of df: reserved blocks are neither used nor free', () => {
    const root = states.find((state) => state.mount.point === '/');
    expect(root?.share).toBeCloseTo(60 / 90);
    expect(root?.totalBytes).toBe(100);
  });

  test('what does not answer comes first, then what is full, then the root', () => {
    expect(states.map((state) => state.mount.point)).toEqual(['/nas', '/srv', '/']);
    expect(states[0]?.answers).toBe(false);
    expect(states[0]?.share).toBeNaN();
  });
});

describe('names', () => {
  test.each([
    ['AMD EPYC 7443P 24-Core Processor', 'EPYC 7443P'],
    ['Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz', 'Xeon Gold 6230'],
    ['Intel(R) Core(TM) i7-1165G7 CPU @ 2.80GHz', 'Core i7-1165G7'],
    ['AMD Ryzen 7 5800X 8-Core Processor', 'Ryzen 7 5800X'],
    ['Cortex-A72', 'Cortex-A72'],
    ['Processor', 'Processor'],
  ])('%s is short %s', (model, short) => expect(shortCpu(model)).toBe(short));

  test('system and topology say what is known and no more', () => {
    const { host } = decode(helloText()) as Hello;
    expect(shortSystem({ ...host, osVersion: '12' })).toBe('Debian 12');
    expect(shortSystem({ ...host, osName: null, osPrettyName: 'Alpine Linux v3.20' })).toBe('Alpine Linux v3.20');
    expect(topology({ ...host, cpuSockets: 1, cpuCores: 8, cpuThreads: 16 })).toBe('1 socket, 8 cores, 16 threads');
    expect(topology({ ...host, cpuThreads: null })).toBeNull();
  });
});

describe('the page', () => {
  test.each([
    ['http:', '/', 'ws://x:1/api/v1/hosts/local/live'],
    ['http:', '/index.html', 'ws://x:1/api/v1/hosts/local/live'],
    ['https:', '/h/atlas-01', 'wss://x:1/api/v1/hosts/atlas-01/live'],
    ['https:', '/hostscope/', 'wss://x:1/hostscope/api/v1/hosts/local/live'],
    ['https:', '/a/b/h/atlas-01/disks', 'wss://x:1/a/b/api/v1/hosts/atlas-01/live'],
  ])('at %s %s listens at %s', (protocol, pathname, address) => {
    expect(liveAddress({ protocol, host: 'x:1', pathname })).toBe(address);
  });

  test('keys are matched as they are printed', () => {
    expect(['j', 'ArrowLeft', 'Escape', '?'].map((key) => keyName({ key }))).toEqual(['J', '←', 'Esc', '?']);
  });
});
