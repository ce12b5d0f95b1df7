/** Places and labels of the time axis. */
import { formatTick } from './duration.ts';
import { nsPerPx, xOf, type TimeScale } from './timeScale.ts';

export interface Tick {
  readonly timeNs: number;
  readonly xPx: number;
  readonly label: string;
}

/** Smallest of 1, 2, 5 × 10ⁿ ns that is `ns` or longer, and never less than 1 ns. */
export function roundStepNs(ns: number): number {
  if (ns <= 1) {
    return 1;
  }
  const power = 10 ** Math.floor(Math.log10(ns));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= ns * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** Ticks of the visible stretch, at least `minGapPx` apart; none before the session's start. */
export function ticksOf(scale: TimeScale, minGapPx: number): Tick[] {
  const stepNs = roundStepNs(nsPerPx(scale) * minGapPx);
  const ticks: Tick[] = [];
  const first = Math.max(0, Math.ceil(scale.startNs / stepNs));
  for (let n = first; n * stepNs <= scale.endNs; n++) {
    const timeNs = n * stepNs;
    ticks.push({ timeNs, xPx: xOf(scale, timeNs), label: formatTick(timeNs, stepNs, scale.endNs) });
  }
  return ticks;
}
