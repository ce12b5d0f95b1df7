/** Long work in slices, so that frames and input come in between. */
import { inNextTurn, sliceMs } from './nextTurn.ts';

/**
 * Runs `work` to its end in slices, from the next turn on, then calls `onDone`; `onSlice` after each
 * slice before the last. Returns how to stop it.
 */
export function runInSlices(
  work: Generator<undefined, undefined, undefined>,
  onDone: () => void,
  onSlice?: () => void,
): () => void {
  const slice = (): void => {
    const untilMs = performance.now() + sliceMs;
    while (work.next().done !== true) {
      if (performance.now() >= untilMs) {
        stop = inNextTurn(slice);
        onSlice?.();
        return;
      }
    }
    onDone();
  };
  let stop = inNextTurn(slice);
  return () => stop();
}
