// Goal: the messages of the tables are read as the contract says, and what breaks it is named by its place.
import { describe, expect, test } from 'vitest';
import { decode } from '../src/wire';

const processes = {
  type: 'processes', seq: 42, t: 1764000000123, full: false, total: 412, running: 3, hidden: 0, interval: 1,
  shortLived: 2, unattributed: 0.04,
  info: [[21344, 8812345, 1, 'dotnet', 'Atlas.Api.dll', 'atlas', '/system.slice/api.service', false]],
  gone: [20111],
  rows: [[21344, 'S', 0.92, 1964965888, null, 419430, 31, 0, 20]],
};

const cgroups = {
  type: 'cgroups', seq: 42, t: 1764000000123, full: true, gone: [3],
  info: [[7, '/system.slice/api.service', 'api.service', 'unit']],
  rows: [[7, 0.93, 0, null, 2040109465, 4294967296, 0, 419430, 12, 0.01, 0, 0.002, 0]],
};

describe('processes', () => {
  test('are read; what is missing stays apart from zero', () => {
    expect(decode(JSON.stringify(processes))).toMatchObject({
      type: 'processes', seq: 42, full: false, total: 412, sent: null, hidden: 0, shortLived: 2, gone: [20111],
      info: [{ pid: 21344, start: 8812345, parent: 1, name: 'dotnet', args: 'Atlas.Api.dll', isKernel: false }],
      rows: [{ pid: 21344, state: 'S', cpu: 0.92, memory: 1964965888, read: null, write: 419430, nice: 0 }],
    });
  });

  test('with members and columns of a later version are read', () => {
    const later = { ...processes, new: 1, rows: [[...(processes.rows[0] ?? []), 'more']] };
    expect(decode(JSON.stringify(later))).toMatchObject({ rows: [{ pid: 21344 }] });
  });

  test.each([
    [{ rows: [[1]] }, 'processes.rows[0][1] must be a string'],
    [{ rows: [[1, 'S', '0.9']] }, 'processes.rows[0][2] must be a number'],
    [{ rows: [{}] }, 'processes.rows[0] must be an array'],
    [{ info: [['1', 2]] }, 'processes.info[0][0] must be a number'],
    [{ gone: ['1'] }, 'processes.gone[0] must be a number'],
    [{ gone: null }, 'processes.gone must be an array'],
    [{ total: null }, 'processes.total must be a number'],
  ])('%j is refused by name', (changes, words) => {
    expect(() => decode(JSON.stringify({ ...processes, ...changes }))).toThrow(words);
  });
});

describe('cgroups', () => {
  test('are read', () => {
    expect(decode(JSON.stringify(cgroups))).toMatchObject({
      full: true, info: [{ id: 7, path: '/system.slice/api.service', name: 'api.service', kind: 'unit' }], gone: [3],
      rows: [{ id: 7, cpu: 0.93, throttled: 0, cpuLimit: null, memoryLimit: 4294967296, ioStall: 0.002, oomKills: 0 }],
    });
  });

  test('a row of no numbers is refused by its place', () => {
    expect(() => decode(JSON.stringify({ ...cgroups, rows: [['7']] }))).toThrow('cgroups.rows[0][0]');
  });
});
