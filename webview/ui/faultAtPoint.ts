/** Which fault lies at a point of the chart. */
import { placeAt } from '../model/chartLayout.ts';
import { faultAt } from '../model/hitTest.ts';
import { type ChartFrame } from '../render/chartFrame.ts';
import { type FaultPlace } from '../render/overlayPainter.ts';

/** Null when there is none. */
export function faultAtPoint({ sessions }: ChartFrame, xPx: number, yPx: number): FaultPlace | null {
  const session = placeAt(sessions, yPx);
  if (session === undefined) {
    return null;
  }
  const { lanes, layout, scale, nowNs, shown, gutterPx, lanesTopPx } = session;
  const fault = faultAt(lanes, layout, scale, xPx - gutterPx, yPx - lanesTopPx, nowNs, shown);
  return fault === -1 ? null : { session, fault };
}
