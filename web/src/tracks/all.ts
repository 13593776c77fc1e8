import { collectorMetrics } from '../panels/collector-metrics';
import { cores } from './cores';
import { cpu } from './cpu';
import { disk } from './disk';
import { filesystems } from './filesystems';
import { load } from './load';
import { memory } from './memory';
import { network } from './network';
import { sensors } from './sensors';
import { stall } from './stall';
import { swap } from './swap';
import type { Track } from './track';

/** The tracks from top to bottom. */
export const tracks: readonly Track[] = [cpu, cores, load, stall, memory, swap, disk, network, sensors, filesystems];

/** Every metric that the page draws; others are not kept. */
export const keptMetrics: ReadonlySet<string> = new Set([
  ...tracks.flatMap((track) => track.needs),
  ...collectorMetrics,
]);
