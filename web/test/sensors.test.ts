// Goal: on a machine with many sensors those that matter come first, each with its limit.
import { describe, expect, test } from 'vitest';
import { History } from '../src/history';
import { sensors, sensorsOf } from '../src/tracks/sensors';
import { frame, series } from './samples';

function sensor(id: string, name: string, parent: string) {
  return series('hw.temperature', { 'hw.id': id, 'hw.name': name, 'hw.parent': parent });
}

function limit(id: string, name: string, parent: string, type: string) {
  const labels = { 'hw.id': id, 'hw.name': name, 'hw.parent': parent, 'hw.limit_type': type };
  return series('hw.temperature.limit', labels);
}

describe('sensors', () => {
  const history = new History(() => true);
  history.setSchema([
    sensor('nvme/nvme0/temp1', 'Composite', 'nvme'), sensor('nvme/nvme0/temp2', 'Sensor 1', 'nvme'),
    sensor('platform/coretemp.0/temp1', 'Package id 0', 'coretemp'),
    sensor('platform/coretemp.0/temp2', 'Core 0', 'coretemp'),
    limit('platform/coretemp.0/temp1', 'Package id 0', 'coretemp', 'high.degraded'),
    limit('platform/coretemp.0/temp1', 'Package id 0', 'coretemp', 'high.critical'),
    limit('nvme/nvme0/temp1', 'Composite', 'nvme', 'high.degraded'),
  ]);
  history.append(frame(1, 1_764_000_000_000, [41, 44, 54, 52, 80, 95, 82]));

  test('the processor comes first, and every chip before the second sensor of one', () => {
    expect(sensorsOf(history).map(({ label }) => label)).toEqual(['cpu', 'nvme0', 'core 0', 'nvme0']);
    expect(sensorsOf(history).map(({ name }) => name)).toEqual([
      'coretemp Package id 0', 'nvme Composite', 'coretemp Core 0', 'nvme Sensor 1',
    ]);
  });

  test('the limit is the critical one, else the one below it, else none', () => {
    expect(sensorsOf(history).map((item) => item.limit(history.newest))).toEqual([95, 82, NaN, NaN]);
  });

  test('a machine without any has no such track, and nothing in its place', () => {
    expect(sensors.absent(history, null as never)).toBeNull();
    expect(sensors.absent(new History(() => true), null as never)).toBe('');
  });
});
