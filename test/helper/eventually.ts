/** Waits for conditions, never for time. */
import { setTimeout } from 'node:timers/promises';
import { timeFactor } from '../rings/timeFactor.ts';

const usualLimitMs = 30_000;

/**
 * Waits until `condition` holds and returns what it returned.
 * @throws Error naming what never happened
 */
export async function eventually<T>(
  what: string,
  condition: () => T | false | undefined | Promise<T | false | undefined>,
  limitMs = usualLimitMs,
): Promise<T> {
  const deadline = performance.now() + limitMs * timeFactor;
  for (;;) {
    const value = await condition();
    if (value !== false && value !== undefined) {
      return value;
    }
    if (performance.now() > deadline) {
      throw new Error(`never happened: ${what}`);
    }
    await setTimeout(2);
  }
}
