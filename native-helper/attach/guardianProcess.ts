/** A guardian of the helper: it is there while anything is held; one that dies is replaced. */
import { guardianFailed } from '../helperErrors.ts';
import { GuardianChild } from './guardianChild.ts';
import type { GuardianRequest } from './guardianProtocol.ts';

export class GuardianProcess {
  private readonly scriptPath: string;
  private readonly onLost: (reason: string) => void;
  /** What is to be held: our descriptor by hold. */
  private readonly holds = new Map<number, number>();
  private child: GuardianChild | undefined;
  private lastHoldId = 0;

  /**
   * @param scriptPath the guardian's program
   * @param onLost called when the guardian died and could not be replaced: whoever holds
   *   faults must hand them back at once
   */
  constructor(scriptPath: string, onLost: (reason: string) => void) {
    this.scriptPath = scriptPath;
    this.onLost = onLost;
  }

  /** Starts the process ahead of need; `hold` would otherwise wait for it. */
  start(): void {
    this.running();
  }

  /**
   * Makes the guardian duplicate our descriptor `fd`; from then on the hand back is guaranteed.
   * Keep `fd` open until this has settled.
   * @returns the hold, for `release`
   * @throws HelperError guardianFailed
   */
  async hold(fd: number): Promise<number> {
    const holdId = ++this.lastHoldId;
    try {
      await this.ask({ do: 'hold', holdId, fd });
    } catch (error) {
      throw guardianFailed(error instanceof Error ? error.message : String(error));
    }
    this.holds.set(holdId, fd);
    return holdId;
  }

  /** Makes the guardian close its duplicate. Call after the hand back, before closing the descriptor. */
  async release(holdId: number): Promise<void> {
    if (this.holds.delete(holdId)) {
      // A guardian that dies over it has closed its duplicate as well.
      await this.child?.request({ do: 'release', holdId }).catch(() => undefined);
    }
  }

  /**
   * Asks the guardian, or the one after it if it ends over that: a forked child's memory would be
   * lost with a hold that fails.
   * @throws Error why it could not be done
   */
  private async ask(request: GuardianRequest): Promise<void> {
    const child = this.running();
    try {
      await child.request(request);
    } catch (error) {
      const next = this.running();
      if (next === child) {
        throw error;
      }
      await next.request(request);
    }
  }

  private running(): GuardianChild {
    if (this.child === undefined) {
      const child = new GuardianChild(this.scriptPath);
      this.child = child;
      void child.gone.then((reason) => this.replace(child, reason));
    }
    return this.child;
  }

  /** While there is no guardian nobody guards: if it cannot be replaced, give up what is held. */
  private replace(child: GuardianChild, reason: string): void {
    if (this.child !== child) {
      return;
    }
    this.child = undefined;
    if (this.holds.size === 0) {
      return;
    }
    const next = this.running();
    Promise.all([...this.holds].map(([holdId, fd]) => next.request({ do: 'hold', holdId, fd }))).catch(() =>
      this.onLost(reason),
    );
  }
}
