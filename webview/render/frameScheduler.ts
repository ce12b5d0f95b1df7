/**
 * The one owner of animation frames: however often layers ask, each is painted at most once a
 * frame, and without a request there are no frames at all.
 */
export class FrameScheduler {
  private readonly painters: Readonly<Record<string, () => void>>;
  private readonly wanted = new Set<string>();
  private frame = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** @param painters by layer, in the order they paint */
  constructor(painters: Readonly<Record<string, () => void>>) {
    this.painters = painters;
  }

  /** Paints these layers in the next frame. */
  request(...layers: string[]): void {
    for (const layer of layers) {
      this.wanted.add(layer);
    }
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      const wanted = new Set(this.wanted);
      this.wanted.clear();
      for (const [layer, paint] of Object.entries(this.painters)) {
        if (wanted.has(layer)) {
          paint();
        }
      }
    });
  }

  /** Paints these layers in the first frame after `delayMs`; replaces an earlier such wish. */
  requestAfter(delayMs: number, ...layers: string[]): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.request(...layers), delayMs);
  }

  dispose(): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timer);
  }
}
