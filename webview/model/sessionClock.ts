/** The clock of the sessions in this page: what the host last said, carried on by the page's own clock. */
export class SessionClock {
  private nowNsThen = 0;
  private pageMsThen = 0;
  private isRunning = false;
  private readonly pageMs: () => number;

  /** @param pageMs a clock that never goes back, in milliseconds */
  constructor(pageMs: () => number) {
    this.pageMs = pageMs;
  }

  /** The clock stands at `nowNs`. It never goes back while it runs. */
  set(nowNs: number, isRunning: boolean): void {
    this.nowNsThen = Math.max(nowNs, isRunning ? this.nowNs() : 0);
    this.pageMsThen = this.pageMs();
    this.isRunning = isRunning;
  }

  /** The axis begins elsewhere: forget the time. */
  reset(): void {
    this.nowNsThen = 0;
    this.isRunning = false;
  }

  /** Nanoseconds since the start of the oldest session. */
  nowNs(): number {
    return this.isRunning ? this.nowNsThen + (this.pageMs() - this.pageMsThen) * 1e6 : this.nowNsThen;
  }
}
