/**
 * Two guardians that both hold everything: while one that died is being replaced, the other still
 * guards, so that guardian and helper may be killed one after the other at any moment.
 */
import { GuardianProcess } from './guardianProcess.ts';

export class GuardianPair {
  private readonly guardians: readonly GuardianProcess[];
  /** The holds of each by ours; undefined where it has none. */
  private readonly holds = new Map<number, readonly (number | undefined)[]>();
  private lastHoldId = 0;

  /**
   * @param scriptPath the guardian's program
   * @param onLost called when one died and could not be replaced: whoever holds faults must hand
   *   them back at once
   */
  constructor(scriptPath: string, onLost: (reason: string) => void) {
    this.guardians = [1, 2].map(() => new GuardianProcess(scriptPath, onLost));
  }

  /** Starts the processes ahead of need; `hold` would otherwise wait for them. */
  start(): void {
    this.guardians.forEach((guardian) => guardian.start());
  }

  /**
   * Makes both duplicate our descriptor `fd`; from then on the hand back is guaranteed.
   * Keep `fd` open until this has settled.
   * @returns the hold, for `release`
   * @throws HelperError guardianFailed; nothing is held then
   */
  async hold(fd: number): Promise<number> {
    const holding = await Promise.allSettled(this.guardians.map((guardian) => guardian.hold(fd)));
    const holdId = ++this.lastHoldId;
    this.holds.set(
      holdId,
      holding.map((held) => (held.status === 'fulfilled' ? held.value : undefined)),
    );
    const failed = holding.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') {
      await this.release(holdId);
      throw failed.reason;
    }
    return holdId;
  }

  /** Makes both close their duplicates. Call after the hand back, before closing the descriptor. */
  async release(holdId: number): Promise<void> {
    const holds = this.holds.get(holdId) ?? [];
    this.holds.delete(holdId);
    await Promise.all(
      holds.map(async (hold, i) => {
        if (hold !== undefined) {
          await this.guardians[i]!.release(hold);
        }
      }),
    );
  }
}
