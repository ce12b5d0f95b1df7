/**
 * What other extensions get from `activate()`: to see the session that
 * `uffd.attachToProcess` began, so that a launcher or a test can follow it.
 */
import { isHeld, isResolvedButSleeping } from './session/faultTrace.ts';
import type { SessionRegistry, SessionState } from './session/sessionRegistry.ts';

export interface ApiFault {
  readonly id: number;
  /** Fault address, hex. */
  readonly address: string;
  readonly tid: number;
}

export interface ApiSession {
  readonly state: Exclude<SessionState, 'none'>;
  readonly pid: number;
  readonly fd: number;
  /** One sentence once the session is over. */
  readonly endText: string | null;
  /** Read and unresolved: their threads sleep until someone acts. */
  readonly heldFaults: readonly ApiFault[];
  /** Resolved with DONTWAKE: their threads sleep until they are woken. */
  readonly sleepingFaults: readonly ApiFault[];
}

export interface UffdApi {
  /** The session as of now; undefined before the first attach. */
  readonly session: ApiSession | undefined;
  /** The session began, got rows or ended. */
  readonly onDidChangeSession: (listener: () => void) => { dispose(): void };
}

export function createApi(registry: SessionRegistry): UffdApi {
  return {
    get session() {
      const session = registry.current;
      const open = session?.trace.openFaults() ?? [];
      const inWords = (fault: (typeof open)[number]): ApiFault => ({
        id: fault.id,
        address: `0x${fault.address.toString(16)}`,
        tid: fault.tid,
      });
      return session === null
        ? undefined
        : {
            state: session.end === null ? ('attached' as const) : ('ended' as const),
            pid: session.dto.pid,
            fd: session.dto.uffd.fd,
            endText: session.end?.text ?? null,
            heldFaults: open.filter(isHeld).map(inWords),
            sleepingFaults: open.filter(isResolvedButSleeping).map(inWords),
          };
    },
    onDidChangeSession: (listener) => {
      const subscriptions = [
        registry.onDidChange(() => listener()),
        registry.onDidAppendRows(() => listener()),
      ];
      return { dispose: () => subscriptions.forEach((subscription) => subscription.dispose()) };
    },
  };
}
