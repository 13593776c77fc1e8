// Goal: what the contract allows is read, what it does not know is ignored, what breaks it is named.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode, type Hello, seriesKey, WireError } from '../src/wire';
import { helloText } from './samples';

const hello = (changes: Readonly<Record<string, unknown>> = {}): Hello => decode(helloText(changes)) as Hello;

describe('hello', () => {
  test('is read with its host, schema and backlog', () => {
    const message = hello();
    expect(message.host.name).toBe('atlas-01');
    expect(message.host.cpuThreads).toBe(16);
    expect(message.schema.series.map((item) => item.key)).toEqual([
      'system.disk.io{disk.io.direction="read",system.device="sda"}', 'system.uptime', 'system.memory.limit',
    ]);
    expect(message.schema.series[0]?.kind).toBe('counter');
    expect(message.backlog.seq).toEqual([1, 2]);
  });

  test('keeps collapsed columns collapsed: one value for all frames, null for none', () => {
    expect(hello().backlog.columns).toEqual([[null, 10], 7, null]);
  });

  test('what the machine does not tell is null, a zero stays zero', () => {
    const { host } = hello();
    expect(host.kernel).toBeNull();
    expect(host.memoryBytes).toBeNull();
    expect(host.swapBytes).toBe(0);
    expect(host.addresses).toEqual([]);
  });

  test('capabilities say why not and what would help', () => {
    expect(hello().capabilities).toEqual([
      { name: 'pressure', available: false, reason: 'no /proc/pressure', remedy: 'boot with psi=1' },
    ]);
  });

  test('an empty backlog is a host that has just begun', () => {
    const empty = { seq: [], t: [], dt: [], columns: [[], 7, null] };
    expect(hello({ backlog: empty }).backlog.seq).toEqual([]);
  });

  test.each([
    [{ protocol: 2 }, 'hello.protocol is 2; this page speaks 1'],
    [{ interval: 0 }, 'hello.interval is 0'],
    [{ interval: '1 s' }, 'hello.interval must be a number'],
    [{ host: null }, 'hello.host must be an object'],
    [{ backlog: { seq: [1], t: [], dt: [null], columns: [1, 1, 1] } }, '1 seq, 0 t and 1 dt'],
    [{ backlog: { seq: [1], t: [1], dt: [null], columns: [1, 1] } }, '2 columns for 3 series'],
    [{ backlog: { seq: [1], t: [1], dt: [null], columns: [[1, 2], 1, 1] } }, 'columns[0] has 2 values for 1 frames'],
    [{ backlog: { seq: [1], t: [1], dt: [null], columns: [['a'], 1, 1] } }, 'columns[0] must be a number'],
  ])('%j is refused by name', (changes, words) => expect(() => hello(changes)).toThrow(words));
});

describe('frames and schemas', () => {
  test('a frame keeps null apart from zero', () => {
    const text = '{"type":"frame","seq":42,"t":1764000000123,"dt":1000,"v":[0.34,0,null]}';
    expect(decode(text)).toEqual({ type: 'frame', seq: 42, t: 1764000000123, dt: 1000, v: [0.34, 0, null] });
  });

  test('the first frame has no dt', () => {
    expect(decode('{"type":"frame","seq":1,"t":1,"v":[]}')).toMatchObject({ dt: null });
  });

  test('a value that is neither number nor null is refused by its place', () => {
    expect(() => decode('{"type":"frame","seq":1,"t":1,"dt":1,"v":[1,"2"]}')).toThrow('frame.v[1]');
  });

  test('a schema with unknown members is read', () => {
    const series = [{ name: 'a', unit: '1', kind: 'new' }];
    const text = JSON.stringify({ type: 'schema', version: 4, topics: ['cores'], new: 1, series });
    const read = [{ name: 'a', key: 'a', kind: 'gauge' }];
    expect(decode(text)).toMatchObject({ version: 4, topics: ['cores'], series: read });
  });
});

describe('anything else', () => {
  test.each(['{"type":"verdicts","rows":[]}', '{"type":"event"}', '{}'])('%s is ignored', (text) => {
    expect(decode(text)).toBeNull();
  });

  test.each(['', '{', '[]', '1', 'null'])('%j is refused', (text) => expect(() => decode(text)).toThrow(WireError));

  test('no JSON whatever makes it fail in another way', () => {
    const types = fc.constantFrom('hello', 'frame', 'schema', 'processes', 'cgroups');
    fc.assert(fc.property(fc.json(), types, (json, type) => {
      const value: unknown = JSON.parse(json);
      const text = typeof value === 'object' && !Array.isArray(value) ? JSON.stringify({ ...value, type }) : json;
      try {
        decode(text);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }));
  });

  test('the key of a series does not depend on the order of its labels', () => {
    expect(seriesKey('n', { b: '1', a: '2' })).toBe(seriesKey('n', { a: '2', b: '1' }));
  });
});
