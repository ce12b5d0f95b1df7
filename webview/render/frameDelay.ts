/** How soon a chart that changes only because time passes is worth painting again. */
import { nsPerPx, type TimeScale, xOf } from '../model/timeScale.ts';

/** Growth alone needs no smoother motion than 20 frames a second. */
const soonestMs = 50;
/** The ages in words must not look stuck. */
const slowestMs = 250;
const reducedMotionMs = 1000;

/**
 * Milliseconds until the next frame: the time in which the live edge moves by a pixel, since a
 * sooner frame would show nothing new; where that edge is not seen only the ages change.
 */
export function frameDelayMs(scale: TimeScale, nowNs: number, isMotionReduced: boolean): number {
  if (isMotionReduced) {
    return reducedMotionMs;
  }
  const edgePx = xOf(scale, nowNs);
  if (edgePx < 0 || edgePx > scale.widthPx) {
    return slowestMs;
  }
  return Math.max(soonestMs, Math.min(slowestMs, nsPerPx(scale) / 1e6));
}
