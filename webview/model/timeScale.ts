/**
 * The visible stretch of time and where it lies on the screen:
 *
 *     startNs                    endNs
 *     |--------------------------|          time
 *     0                          widthPx    pixels
 */
export interface TimeScale {
  readonly startNs: number;
  readonly endNs: number;
  readonly widthPx: number;
}

/** Shortest and longest visible stretch: 100 ns and 100 days, within which float64 is exact. */
const minSpanNs = 100;
const maxSpanNs = 100 * 86_400e9;

export function xOf(scale: TimeScale, timeNs: number): number {
  return ((timeNs - scale.startNs) / (scale.endNs - scale.startNs)) * scale.widthPx;
}

export function timeAt(scale: TimeScale, xPx: number): number {
  return scale.startNs + (xPx / scale.widthPx) * (scale.endNs - scale.startNs);
}

export function nsPerPx(scale: TimeScale): number {
  return (scale.endNs - scale.startNs) / scale.widthPx;
}

/** The scale with its span multiplied by `factor`, the time `atNs` staying where it is. */
export function zoomed(scale: TimeScale, factor: number, atNs: number): TimeScale {
  const spanNs = scale.endNs - scale.startNs;
  const newSpanNs = Math.min(maxSpanNs, Math.max(minSpanNs, spanNs * factor));
  const startNs = atNs - ((atNs - scale.startNs) / spanNs) * newSpanNs;
  return { ...scale, startNs, endNs: startNs + newSpanNs };
}

export function panned(scale: TimeScale, byNs: number): TimeScale {
  return { ...scale, startNs: scale.startNs + byNs, endNs: scale.endNs + byNs };
}

/** The scale that shows `startNs` to `endNs` with a margin of `marginShare` of the span on both sides. */
export function fitted(scale: TimeScale, startNs: number, endNs: number, marginShare: number): TimeScale {
  const spanNs = Math.min(maxSpanNs, Math.max(minSpanNs, endNs - startNs));
  const marginNs = spanNs * marginShare;
  const middleNs = (startNs + endNs) / 2;
  return {
    ...scale,
    startNs: middleNs - spanNs / 2 - marginNs,
    endNs: middleNs + spanNs / 2 + marginNs,
  };
}

/**
 * The scale moved so that the live edge stands near its right end, the span unchanged. Until
 * the session is as long as the span, it starts at time zero and the edge wanders right.
 */
export function following(scale: TimeScale, nowNs: number): TimeScale {
  const spanNs = scale.endNs - scale.startNs;
  const startNs = Math.max(-0.02 * spanNs, nowNs - 0.94 * spanNs);
  return { ...scale, startNs, endNs: startNs + spanNs };
}

/** The same without smooth motion: the scale stays until the edge leaves it, and then gives it a third of the span. */
export function followingInSteps(scale: TimeScale, nowNs: number): TimeScale {
  if (nowNs >= scale.startNs && nowNs <= scale.endNs) {
    return scale;
  }
  const spanNs = scale.endNs - scale.startNs;
  const startNs = Math.max(-0.02 * spanNs, nowNs - (2 / 3) * spanNs);
  return { ...scale, startNs, endNs: startNs + spanNs };
}
