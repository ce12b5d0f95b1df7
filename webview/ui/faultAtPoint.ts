/** Which fault lies at a point of the chart. */
import { placeAt } from '../model/chartLayout.ts';
import { faultAt } from '../model/hitTest.ts';
import { axisPx, type ChartFrame } from '../render/chartFrame.ts';
import { type FaultPlace } from '../render/overlayPainter.ts';

/** Null when there is none, or the point is not over the lanes. */
export function faultAtPoint(
  { sessions, gutterPx }: ChartFrame,
  xPx: number,
  yPx: number,
): FaultPlace | null {
  const session = xPx > gutterPx && yPx > axisPx ? placeAt(sessions, yPx) : undefined;
  if (session === undefined) {
    return null;
  }
  const { lanes, layout, scale, nowNs, shown, lanesTopPx } = session;
  const fault = faultAt(lanes, layout, scale, xPx - gutterPx, yPx - lanesTopPx, nowNs, shown);
  return fault === -1 ? null : { session, fault };
}
