/** Which of several uffds of one process its sleeping threads wait for: the kernel does not say. */
import type { CtxFacts } from './ctxFacts.ts';

/**
 * Whether it stays open what the sleepers wait for: the uffds of their process have steadily had
 * more unresolved faults than the sleepers are, so that some of those are of threads that come and go.
 * @param others every other ctx of the same look
 * @param sleepers threads that slept all the time between the looks
 */
export function isUndecided(ctx: CtxFacts, others: readonly CtxFacts[], sleepers: number): boolean {
  const rivals = others.filter(
    ({ steadyTotal, ownerPids }) => steadyTotal > 0 && ownerPids.some((pid) => ctx.ownerPids.includes(pid)),
  );
  const unresolved = [ctx, ...rivals].reduce((sum, { steadyTotal }) => sum + steadyTotal, 0);
  return rivals.length > 0 && unresolved > sleepers;
}
