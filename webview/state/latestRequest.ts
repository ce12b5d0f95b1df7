/** Asks after a pause and only for what is wanted last: answers to earlier questions are dropped. */
export class LatestRequest<Result> {
  private readonly pauseMs: number;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private lastAsked = 0;

  /** @param pauseMs for which no further question may come before one is sent */
  constructor(pauseMs: number) {
    this.pauseMs = pauseMs;
  }

  /** Sends `request` once the pause is over, unless another question or `forget` comes first. */
  ask(
    request: () => Promise<Result>,
    onResult: (result: Result) => void,
    onRefusal: (sentence: string) => void,
  ): void {
    this.forget();
    const asked = this.lastAsked;
    this.timer = setTimeout(() => {
      request().then(
        (result) => {
          if (asked === this.lastAsked) {
            onResult(result);
          }
        },
        (error: unknown) => {
          if (asked === this.lastAsked) {
            onRefusal(error instanceof Error ? error.message : String(error));
          }
        },
      );
    }, this.pauseMs);
  }

  /** Nothing asked before is wanted any more. */
  forget(): void {
    clearTimeout(this.timer);
    this.lastAsked++;
  }
}
