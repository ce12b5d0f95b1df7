/** How far the lanes are scrolled, and the scroll bar that shows it. */
import { axisPx } from '../render/chartFrame.ts';

export class LaneScroller {
  topPx = 0;
  private viewPx = 0;
  private readonly bar: HTMLElement;

  /** @param bar scrolls a child whose height is that of all lanes */
  constructor(bar: HTMLElement, onScroll: () => void) {
    this.bar = bar;
    bar.addEventListener('scroll', () => {
      this.topPx = bar.scrollTop;
      onScroll();
    });
  }

  /**
   * The lanes are this high, and the view is.
   * @returns whether they had to be scrolled because they have become fewer
   */
  update(contentPx: number, viewPx: number): boolean {
    this.viewPx = viewPx;
    (this.bar.firstElementChild as HTMLElement).style.height = `${contentPx}px`;
    this.bar.hidden = contentPx <= viewPx;
    const before = this.topPx;
    this.topPx = Math.max(0, Math.min(before, contentPx - viewPx));
    return this.topPx !== before;
  }

  scrollBy(dyPx: number): void {
    if (!this.bar.hidden) {
      this.bar.scrollTop += dyPx;
    }
  }

  /** Scrolls so that something at `topPx` of the canvas is seen, unless it is; the top of what is too high. */
  reveal(topPx: number, heightPx: number): void {
    const { viewPx } = this;
    if (topPx < axisPx || topPx + Math.min(heightPx, viewPx) > axisPx + viewPx) {
      this.scrollBy(topPx - axisPx - Math.max(0, (viewPx - heightPx) / 2));
    }
  }
}
