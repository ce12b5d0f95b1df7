/** Bounds the histories of all sessions together, so that many sessions take no more memory than one. Pure: no VS Code. */
import type { DebugSession } from './debugSession.ts';

/**
 * Shortens the longest history until all together are short enough.
 * @param most rows that all keep together, without those that make open faults what they are
 */
export function boundHistories(sessions: readonly DebugSession[], most: number): void {
  let rows = sessions.reduce((sum, { trace }) => sum + trace.keptRows, 0);
  while (rows > most) {
    const { trace } = sessions.reduce((longest, session) =>
      session.trace.keptRows > longest.trace.keptRows ? session : longest,
    );
    const before = trace.keptRows;
    if (!trace.dropOldestRows()) {
      return;
    }
    rows -= before - trace.keptRows;
  }
}
