/** A canvas that fills its element pixel for pixel, whatever the device pixel ratio. */
export class CanvasLayer {
  readonly context: CanvasRenderingContext2D;
  widthPx = 0;
  heightPx = 0;
  private readonly observer: ResizeObserver;

  /**
   * @param onResize told after the size or the device pixel ratio has changed; the canvas is empty then
   */
  constructor(canvas: HTMLCanvasElement, isOpaque: boolean, onResize: () => void) {
    const context = canvas.getContext('2d', { alpha: !isOpaque });
    if (context === null) {
      throw new Error('this browser gave no 2D canvas');
    }
    this.context = context;
    this.observer = new ResizeObserver(([entry]) => {
      const device = entry?.devicePixelContentBoxSize[0];
      const css = entry?.contentBoxSize[0];
      if (device === undefined || css === undefined || css.inlineSize === 0) {
        return;
      }
      this.widthPx = css.inlineSize;
      this.heightPx = css.blockSize;
      canvas.width = device.inlineSize;
      canvas.height = device.blockSize;
      context.setTransform(device.inlineSize / css.inlineSize, 0, 0, device.blockSize / css.blockSize, 0, 0);
      onResize();
    });
    this.observer.observe(canvas, { box: 'device-pixel-content-box' });
  }

  /** Device pixels per CSS pixel. */
  get pixelRatio(): number {
    return this.context.getTransform().a;
  }

  dispose(): void {
    this.observer.disconnect();
  }
}
