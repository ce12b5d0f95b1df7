/** What is particular about a take over, a sentence each. */
import type { Holder } from '../inspect/holders.ts';
import { isDebugger } from '../inspect/debuggerNames.ts';
import type { HandlerWait } from '../inspect/handlerWait.ts';
import { procComm } from '../inspect/procFile.ts';
import { tracerOf } from '../inspect/threadFacts.ts';
import type { UffdDto } from '../protocol/processes.ts';
import type { FrozenThreadDto } from '../protocol/session.ts';

/** What a negotiated feature means for whoever watches. */
const featureNotes: Readonly<Record<string, string>> = {
  SIGBUS:
    'SIGBUS mode: a thread that touches a missing page gets a SIGBUS instead of sleeping, so no fault ever arrives here.',
  WP_ASYNC:
    'WP_ASYNC: the kernel resolves write-protect faults itself and only marks the pages as written, so none of them arrives here.',
  EVENT_FORK:
    'EVENT_FORK: when the process forks, the userfaultfd of the child arrives here and becomes a session of its own. It cannot be handed back.',
};

/**
 * What resolving by hand may break, a sentence each: signs of a handler that brings the content itself.
 * @param frozen threads of the handler that are stopped
 */
export function resolvingWarnings(
  procRoot: string,
  pid: number,
  uffd: UffdDto,
  holders: readonly Holder[],
  frozen: readonly FrozenThreadDto[],
): string[] {
  const risk =
    'Resolving by hand may break it (QEMU pauses its migration, umap aborts): prefer to hand faults back.';
  const taken = uffd.total - uffd.pending;
  const others = holders.filter((holder) => holder.pid !== pid && !isDebugger(procRoot, holder.pid));
  const names = others.map((other) => `${other.pid} (${procComm(`${procRoot}/${other.pid}`)})`).join(', ');
  // One in another process is named below.
  const isOwnFrozen = frozen.some((thread) => others.every((other) => other.pid !== thread.pid));
  return [
    ...(isOwnFrozen
      ? [`The frozen handler goes on when the session ends, and may bring the content itself. ${risk}`]
      : []),
    ...(taken > 0
      ? [
          `A handler had read ${taken === 1 ? '1 fault' : `${taken} faults`} before the attach and not resolved ${taken === 1 ? 'it' : 'them'}. ${risk}`,
        ]
      : []),
    ...(others.length > 0
      ? [
          `${others.length === 1 ? 'Process' : 'Processes'} ${names} ${others.length === 1 ? 'has' : 'have'} this userfaultfd open as well and may bring the content. ${risk}`,
        ]
      : []),
  ];
}

/** Says whose memory it is when that is not the process that was attached through. */
export function ownerNotes(procRoot: string, ownerPid: number, throughPid: number): string[] {
  const named = (pid: number): string => `${pid} (${procComm(`${procRoot}/${pid}`)})`;
  return ownerPid === throughPid
    ? []
    : [
        `The memory is that of process ${named(ownerPid)}; its userfaultfd was reached through process ${named(throughPid)}.`,
      ];
}

/** Says which threads of the handler stand still. */
export function frozenNotes(frozen: readonly FrozenThreadDto[]): string[] {
  return frozen.map(
    ({ pid, tid, comm, syscall }) =>
      `Frozen: handler thread ${tid} (${comm}) of process ${pid} is stopped in ${syscall} and goes on when the session ends.`,
  );
}

/** Says which threads of the handler another debugger has stopped: nothing of ours keeps them so. */
export function stoppedNotes(procRoot: string, stopped: readonly HandlerWait[]): string[] {
  return stopped.map(({ pid, tid, comm, syscall }) => {
    const tracer = tracerOf(procRoot, pid, tid);
    return (
      `Handler thread ${tid} (${comm}) of process ${pid} is stopped by process ${tracer} (${procComm(`${procRoot}/${tracer}`)}) in ${syscall}. ` +
      'Leave it so until you have detached: it would take faults away, or find that its own are gone.'
    );
  });
}

/** @param warnings what `resolvingWarnings` said */
export function sessionNotes(features: readonly string[], warnings: readonly string[]): string[] {
  return [
    ...features.map((feature) => featureNotes[feature]).filter((note) => note !== undefined),
    ...(features.includes('THREAD_ID')
      ? []
      : [
          'No THREAD_ID: the kernel does not say which thread faulted. Where exactly one sleeping thread fits it is shown as inferred.',
        ]),
    ...warnings,
  ];
}

/** Notes of a forked child's session. */
export function custodyNotes(pid: number, features: readonly string[]): string[] {
  return [
    'Custody: this is the userfaultfd of a forked child, and the kernel gave it to whoever read the fork event. ' +
      'Its own handler will never see it, so it cannot be handed back: ending the session closes it, threads go on, and missing pages read as zeros.',
    ...(pid === 0
      ? [
          'The child was not found among the new children of its parent, so its pid, ranges and thread names are not known.',
        ]
      : []),
    ...sessionNotes(features, []),
  ];
}
