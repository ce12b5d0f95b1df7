/** The session a command acts on. */
import type { DebugSession } from '../session/debugSession.ts';
import type { SessionRegistry } from '../session/sessionRegistry.ts';
import * as userErrors from '../userErrors.ts';

/** The current session while it is attached; undefined when it is not, and what to do first has been said. */
export function attachedSession(registry: SessionRegistry): DebugSession | undefined {
  if (registry.attached !== null) {
    return registry.attached;
  }
  const isAnyAttached = registry.attachedSessions.length > 0;
  userErrors.showMessage(isAnyAttached ? userErrors.shownSessionIsOver() : userErrors.notAttached());
  return undefined;
}
