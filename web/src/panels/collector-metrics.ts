/** What Hostscope tells of its own collecting. */
export const collectorDuration = 'hostscope.collector.duration';
export const collectorSuccess = 'hostscope.collector.success';
export const tickLateness = 'hostscope.tick.lateness';

export const collectorMetrics = [collectorDuration, collectorSuccess, tickLateness] as const;
