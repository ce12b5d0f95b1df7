/** A stretch of time and the faults in it, in words. */
import { formatDuration, formatMoment, inGroups } from './duration.ts';
import { type LatencyStatistics } from './latencyStatistics.ts';
import { type TimeStretch } from './timeStretch.ts';

/** In one line: `1.28 s · 12 040 faults · p50 12.0 µs · p95 80.0 µs · max 1.20 ms`; null while they are counted. */
export function stretchInShort(
  { startNs, endNs }: TimeStretch,
  statistics: LatencyStatistics | null,
): string {
  return [formatDuration(endNs - startNs), ...(statistics === null ? ['…'] : parts(statistics))].join(' · ');
}

/** As text to copy, a line for each fact. */
export function stretchAsText(stretch: TimeStretch, statistics: LatencyStatistics): string {
  return [
    `From ${formatMoment(stretch.startNs)} to ${formatMoment(stretch.endNs)}`,
    `Duration ${formatDuration(stretch.endNs - stretch.startNs)}`,
    ...parts(statistics),
  ].join('\n');
}

function parts({ count, asleepCount, p50Ns, p95Ns, maxNs }: LatencyStatistics): readonly string[] {
  const ended = count - asleepCount;
  const times =
    ended === 0
      ? []
      : ended === 1
        ? [formatDuration(maxNs)]
        : [`p50 ${formatDuration(p50Ns)}`, `p95 ${formatDuration(p95Ns)}`, `max ${formatDuration(maxNs)}`];
  return [
    count === 0 ? 'no faults' : count === 1 ? '1 fault' : `${inGroups(count)} faults`,
    ...times,
    ...(asleepCount === 0 ? [] : [`${inGroups(asleepCount)} still asleep`]),
  ];
}
