/** The session a command acts on. */
import { notAttached, shownSessionIsOver } from '../messages/sessionMessages.ts';
import { showMessage } from '../messages/userMessage.ts';
import type { DebugSession } from '../session/debugSession.ts';
import type { SessionRegistry } from '../session/sessionRegistry.ts';

/** The current session while it is attached; undefined when it is not, and what to do first has been said. */
export function attachedSession(registry: SessionRegistry): DebugSession | undefined {
  if (registry.attached !== null) {
    return registry.attached;
  }
  const isAnyAttached = registry.attachedSessions.length > 0;
  showMessage(isAnyAttached ? shownSessionIsOver() : notAttached());
  return undefined;
}
