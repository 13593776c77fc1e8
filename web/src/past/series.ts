// Which series the tracks draw of a window of the past, those first that are seen first.
import { collectorMetrics } from '../panels/collector-metrics';
import { tracks } from '../tracks/all';
import { isDrawnCore } from '../tracks/cores';
import { cpuTime, drawnKernelModes } from '../tracks/cpu-modes';
import type { Series } from '../wire';

/** The series of a schema that are drawn over time. */
export function drawnSeries(schema: readonly Series[]): Series[] {
  const ranks = new Map<string, number>();
  tracks.filter((track) => track.isPlotted).forEach(({ needs }, rank) => {
    needs.forEach((name) => ranks.set(name, ranks.get(name) ?? rank));
  });
  collectorMetrics.forEach((name) => ranks.delete(name));
  const rankOf = ({ name, labels }: Series): number => {
    const rank = ranks.get(name) ?? NaN;
    if (name !== cpuTime) {
      return rank;
    }

    // The cores come last: there may be hundreds of series of them.
    const isCore = labels['cpu.logical_number'] !== undefined;
    const isDrawn = isCore ? isDrawnCore(labels) : drawnKernelModes.has(labels['cpu.mode'] ?? '');
    return !isDrawn ? NaN : isCore ? tracks.length : rank;
  };
  return schema
    .map((series) => ({ series, rank: rankOf(series) }))
    .filter(({ rank }) => !Number.isNaN(rank))
    .sort((a, b) => a.rank - b.rank)
    .map(({ series }) => series);
}
