/**
 * Staying awake for a moment after messages have been answered. Going to sleep costs two
 * context switches and a wake-up for each fault, more than answering it; so while one soon
 * follows the other, the reader looks again instead. It learns from the pauses, as the kernel's
 * haltpoll governor does: a short one makes it stay, a long one lets it sleep. So faults that
 * come one by one do not keep a CPU busy.
 */

/** How long it stays awake at most, and what a short pause is. */
const spellNs = 50e3;

export class BusyPoll {
  /** Messages do not end a sleep, so it always stays awake first. */
  private readonly isAlways: boolean;
  private isWorthwhile = false;
  private answeredNs = -Infinity;

  /** @param isBlocking the uffd is a blocking one, which cannot be polled */
  constructor(isBlocking: boolean) {
    this.isAlways = isBlocking;
  }

  /** Messages have been answered. */
  onAnswered(nowNs: number): void {
    this.isWorthwhile ||= this.isAlways || nowNs - this.answeredNs <= spellNs;
    this.answeredNs = nowNs;
  }

  /** No message was found: whether to look again, rather than sleep until there is one. */
  goesOn(nowNs: number): boolean {
    this.isWorthwhile &&= nowNs - this.answeredNs <= spellNs;
    return this.isWorthwhile;
  }
}
