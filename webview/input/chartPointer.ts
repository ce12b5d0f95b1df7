/**
 * Mouse, pen and wheel over the chart. A pinch, Ctrl+wheel and in classic mode the plain wheel zoom,
 * Shift+wheel and the sideways wheel pan, the plain wheel and in classic mode Alt+wheel scroll lanes.
 * A drag selects: over the lanes by a box, on the axis time; with Shift or the middle button, and on
 * the labels of the lanes, it pans both ways. A click selects, with Ctrl or Cmd one more, with Shift
 * all up to it; with Alt it pins the tooltip.
 */
import { type WheelMode } from './keys.ts';
import { type SelectBy, selectBy } from './selectBy.ts';

interface Place {
  readonly xPx: number;
  readonly yPx: number;
}
export interface Corners {
  readonly from: Place;
  readonly to: Place;
}

/** What gestures mean; all places are pixels from the chart's top left corner. */
export interface PointerActions {
  hover(xPx: number, yPx: number): void;
  leave(): void;
  /** `how` a click or a box changes the selection: it alone, added or taken out, or up to it. */
  click(xPx: number, yPx: number, how: SelectBy): void;
  /** A click with Alt. */
  pin(xPx: number, yPx: number): void;
  doubleClick(xPx: number, yPx: number): void;
  /** The content shall move by this much. */
  drag(dxPx: number, dyPx: number): void;
  /** What a drag from here does. */
  dragAt(xPx: number, yPx: number): 'pan' | 'box' | 'time';
  /** A stretch of time is being drawn between two places of the axis; null when that was given up. */
  drawTime(corners: Corners | null): void;
  /** A box is being drawn between two corners; null when that was given up. */
  drawBox(corners: Corners | null): void;
  /** The box drawn last selects; with Ctrl or Cmd it adds to the selection. */
  selectBox(corners: Corners, isAdding: boolean): void;
  zoom(factor: number, xPx: number): void;
  scrollTime(dxPx: number): void;
  scrollLanes(dyPx: number): void;
}

/** Movement that makes a press a drag. */
const dragFromPx = 4;
const lineHeightPx = 16;
/** Zoom factor of one wheel pixel; a wheel notch is about 100. */
const zoomPerPx = 1.0022;
/** A pinch arrives as small Ctrl+wheel steps. */
const zoomPerPinchPx = 1.012;

/**
 * Attaches the gestures to `chart`.
 * @returns gives up the drag that is under way; false when there is none
 */
export function attachPointer(
  chart: HTMLElement,
  actions: PointerActions,
  wheelMode: () => WheelMode,
): () => boolean {
  let pressedAt: Place | null = null;
  let last: Place = { xPx: 0, yPx: 0 };
  let isDragging = false;
  let drag: 'pan' | 'box' | 'time' = 'pan';

  const placeOf = (event: MouseEvent): Place => {
    const box = chart.getBoundingClientRect();
    return { xPx: event.clientX - box.left, yPx: event.clientY - box.top };
  };

  const end = (): void => {
    if (isDragging && drag === 'box') {
      actions.drawBox(null);
    }
    pressedAt = null;
    isDragging = false;
    chart.classList.remove('pan', 'box', 'time');
  };

  chart.addEventListener('pointerdown', (event) => {
    if (event.button === 0 || event.button === 1) {
      chart.setPointerCapture(event.pointerId);
      pressedAt = last = placeOf(event);
      isDragging = false;
      drag = event.shiftKey || event.button === 1 ? 'pan' : actions.dragAt(last.xPx, last.yPx);
    }
  });
  chart.addEventListener('pointermove', (event) => {
    const place = placeOf(event);
    if (event.buttons === 0) {
      // The release can happen where the page does not hear of it.
      end();
    }
    if (pressedAt === null) {
      actions.hover(place.xPx, place.yPx);
      return;
    }
    if (!isDragging && Math.hypot(place.xPx - pressedAt.xPx, place.yPx - pressedAt.yPx) >= dragFromPx) {
      isDragging = true;
      chart.classList.add(drag);
    }
    if (isDragging && drag === 'box') {
      actions.drawBox({ from: pressedAt, to: place });
    } else if (isDragging && drag === 'time') {
      actions.drawTime({ from: pressedAt, to: place });
    } else if (isDragging) {
      actions.drag(place.xPx - last.xPx, place.yPx - last.yPx);
      last = place;
    }
  });
  chart.addEventListener('pointerup', (event) => {
    const place = placeOf(event);
    if (pressedAt !== null && !isDragging && event.button === 0) {
      if (event.altKey) {
        actions.pin(place.xPx, place.yPx);
      } else {
        actions.click(place.xPx, place.yPx, selectBy(event));
      }
    } else if (pressedAt !== null && isDragging && drag === 'box') {
      actions.selectBox({ from: pressedAt, to: place }, event.ctrlKey || event.metaKey);
    }
    end();
  });
  chart.addEventListener('pointercancel', end);
  chart.addEventListener('pointerleave', () => actions.leave());
  chart.addEventListener('dblclick', (event) => {
    const place = placeOf(event);
    actions.doubleClick(place.xPx, place.yPx);
  });
  chart.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const unitPx = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? lineHeightPx : 1;
      const dxPx = event.deltaX * unitPx;
      const dyPx = event.deltaY * unitPx;
      if (event.ctrlKey || event.metaKey) {
        actions.zoom(zoomPerPinchPx ** Math.max(-60, Math.min(60, dyPx)), placeOf(event).xPx);
      } else if (event.shiftKey || Math.abs(dxPx) > Math.abs(dyPx)) {
        actions.scrollTime(dxPx === 0 ? dyPx : dxPx);
      } else if (event.altKey || wheelMode() === 'modern') {
        actions.scrollLanes(dyPx);
      } else {
        actions.zoom(zoomPerPx ** dyPx, placeOf(event).xPx);
      }
    },
    { passive: false },
  );
  return () => {
    const wasSelecting = isDragging && drag !== 'pan';
    if (wasSelecting) {
      actions.drawTime(null);
    }
    end();
    return wasSelecting;
  };
}
