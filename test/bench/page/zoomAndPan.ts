/** Zooming in and out about a point that wanders, and panning in between, by a wheel event a frame. Runs in a page. */

export interface Gesture {
  readonly forMs: number;
  /** What the wheel turns, with Ctrl, to zoom in (negative) and out by one step. */
  readonly inPx: number;
  readonly outPx: number;
}

export interface Smoothness {
  /** From one frame to the next, while something moves. */
  readonly framesMs: number[];
  readonly longestTaskMs: number;
}

/** Self-contained, because Playwright sends it to the browser as text. */
export async function zoomAndPan(chart: Element, { forMs, inPx, outPx }: Gesture): Promise<Smoothness> {
  let longestTaskMs = 0;
  const observer = new PerformanceObserver((list) => {
    longestTaskMs = Math.max(longestTaskMs, ...list.getEntries().map(({ duration }) => duration));
  });
  observer.observe({ type: 'longtask' });
  const { left, top, width } = chart.getBoundingClientRect();
  const framesMs: number[] = [];
  // A hand rests before it does something else; some charts take the first events after it for the same gesture.
  const restFrames = 15;
  const parts = [
    { frames: 120, deltaX: 0, deltaY: inPx },
    { frames: restFrames },
    { frames: 60, deltaX: 60, deltaY: 0 },
    { frames: restFrames },
    { frames: 120, deltaX: 0, deltaY: outPx },
    { frames: restFrames },
  ];
  const beganMs = performance.now();
  const nextFrame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
  let lastMs = await nextFrame();
  for (let n = 0; performance.now() - beganMs < forMs;) {
    for (const { frames, deltaX, deltaY } of parts) {
      for (let frame = 0; frame < frames; frame++, n++) {
        if (deltaX !== undefined) {
          const event = new WheelEvent('wheel', {
            bubbles: true,
            composed: true,
            cancelable: true,
            clientX: left + width * (0.3 + 0.5 * ((n % 97) / 97)),
            clientY: top + 80,
            ctrlKey: deltaY !== 0,
            deltaX,
            deltaY,
          });
          chart.dispatchEvent(event);
        }
        const nowMs = await nextFrame();
        if (deltaX !== undefined) {
          framesMs.push(nowMs - lastMs);
        }
        lastMs = nowMs;
      }
    }
  }
  observer.disconnect();
  return { framesMs, longestTaskMs };
}
