/** The chart's small signs, drawn as paths so that they need no font. */

/** Width and height of the warning sign. */
export const sizePx = 12;

/** A triangle with an exclamation mark, its top left corner at the point. */
export function warning(
  context: CanvasRenderingContext2D,
  xPx: number,
  yPx: number,
  colour: string,
  inner: string,
): void {
  context.beginPath();
  context.moveTo(xPx + sizePx / 2, yPx);
  context.lineTo(xPx + sizePx, yPx + sizePx);
  context.lineTo(xPx, yPx + sizePx);
  context.closePath();
  context.fillStyle = colour;
  context.strokeStyle = inner;
  context.lineWidth = 3;
  context.lineJoin = 'round';
  context.stroke();
  context.fill();
  context.fillStyle = inner;
  context.fillRect(xPx + sizePx / 2 - 0.75, yPx + 4, 1.5, 4.2);
  context.fillRect(xPx + sizePx / 2 - 0.75, yPx + 9.2, 1.5, 1.6);
}

/** When the fault was read: a line with a triangle hanging from the top. */
export function readMark(
  context: CanvasRenderingContext2D,
  xPx: number,
  topPx: number,
  heightPx: number,
  colour: string,
): void {
  context.fillStyle = colour;
  context.fillRect(xPx - 0.5, topPx, 1, heightPx);
  context.beginPath();
  context.moveTo(xPx - 3.5, topPx);
  context.lineTo(xPx + 3.5, topPx);
  context.lineTo(xPx, topPx + 5);
  context.fill();
}

/** When the page was provided: a line standing on a square. */
export function resolvedMark(
  context: CanvasRenderingContext2D,
  xPx: number,
  topPx: number,
  heightPx: number,
  colour: string,
): void {
  context.fillStyle = colour;
  context.fillRect(xPx - 0.5, topPx, 1, heightPx);
  context.fillRect(xPx - 2.5, topPx + heightPx - 5, 5, 5);
}

/** Handed back: an arrow to the left, its tail at the point. */
export function handedBack(
  context: CanvasRenderingContext2D,
  xPx: number,
  middlePx: number,
  colour: string,
): void {
  context.beginPath();
  context.moveTo(xPx, middlePx - 3);
  context.lineTo(xPx, middlePx + 1.5);
  context.lineTo(xPx - 8, middlePx + 1.5);
  context.moveTo(xPx - 5, middlePx - 1.5);
  context.lineTo(xPx - 8, middlePx + 1.5);
  context.lineTo(xPx - 5, middlePx + 4.5);
  strokeSign(context, colour);
}

/** Superseded: a cross about the point. */
export function cross(
  context: CanvasRenderingContext2D,
  xPx: number,
  middlePx: number,
  colour: string,
): void {
  context.beginPath();
  context.moveTo(xPx - 3, middlePx - 3);
  context.lineTo(xPx + 3, middlePx + 3);
  context.moveTo(xPx + 3, middlePx - 3);
  context.lineTo(xPx - 3, middlePx + 3);
  strokeSign(context, colour);
}

/** Ended with its process: a filled square about the point. */
export function stop(
  context: CanvasRenderingContext2D,
  xPx: number,
  middlePx: number,
  colour: string,
  inner: string,
): void {
  context.fillStyle = inner;
  context.fillRect(xPx - 5, middlePx - 5, 10, 10);
  context.fillStyle = colour;
  context.fillRect(xPx - 3.5, middlePx - 3.5, 7, 7);
}

/** Stale: a circle about the point, struck through. */
export function stale(
  context: CanvasRenderingContext2D,
  xPx: number,
  middlePx: number,
  colour: string,
  inner: string,
): void {
  context.beginPath();
  context.arc(xPx, middlePx, 6.5, 0, 2 * Math.PI);
  context.fillStyle = inner;
  context.fill();
  context.beginPath();
  context.arc(xPx, middlePx, 4.5, 0, 2 * Math.PI);
  context.moveTo(xPx - 3, middlePx + 3);
  context.lineTo(xPx + 3, middlePx - 3);
  strokeSign(context, colour);
}

/** An event of the memory map: a diamond about the point. */
export function mapEvent(
  context: CanvasRenderingContext2D,
  xPx: number,
  middlePx: number,
  colour: string,
  inner: string,
): void {
  context.beginPath();
  context.moveTo(xPx, middlePx - 5);
  context.lineTo(xPx + 5, middlePx);
  context.lineTo(xPx, middlePx + 5);
  context.lineTo(xPx - 5, middlePx);
  context.closePath();
  context.fillStyle = inner;
  context.fill();
  strokeSign(context, colour);
}

function strokeSign(context: CanvasRenderingContext2D, colour: string): void {
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.stroke();
}
