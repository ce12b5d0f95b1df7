/**
 * Speaks to screen readers: at once, and what follows within `pauseMs` in one go after it.
 * Of each topic only the latest is said, as it stands when it is said.
 */
export class Announcer {
  private readonly speak: (text: string) => void;
  private readonly pauseMs: number;
  private readonly waiting = new Map<string, () => string>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(speak: (text: string) => void, pauseMs: number) {
    this.speak = speak;
    this.pauseMs = pauseMs;
  }

  /** @param text called when it is time to speak; an empty text says nothing */
  say(topic: string, text: () => string): void {
    this.waiting.set(topic, text);
    if (this.timer === undefined) {
      this.speakAll();
    }
  }

  private speakAll(): void {
    const texts = [...this.waiting.values()].map((text) => text()).filter((text) => text !== '');
    this.waiting.clear();
    if (texts.length === 0) {
      this.timer = undefined;
      return;
    }
    this.speak(texts.join(' '));
    this.timer = setTimeout(() => this.speakAll(), this.pauseMs);
  }
}
