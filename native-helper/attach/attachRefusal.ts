/**
 * Why pidfd_getfd(2) was refused with EPERM. It needs PTRACE_MODE_ATTACH_REALCREDS
 * (ptrace(2), "Ptrace access mode checking"): the gates are looked at in that order.
 */
import { statSync } from 'node:fs';
import { procText } from '../inspect/procFile.ts';

const CAP_SYS_PTRACE = 19n;

/** One sentence: which gate refused, and what would open it. */
export function refusalReason(procRoot: string, pid: number): string {
  const own = credentials(procRoot, 'self');
  const target = credentials(procRoot, String(pid));
  if (own === undefined || target === undefined) {
    return 'its credentials cannot be read; it may have ended.';
  }
  const missingCapability = (own.capabilities & (1n << CAP_SYS_PTRACE)) === 0n;
  if (missingCapability && target.uids.some((uid) => uid !== own.effectiveUid)) {
    return (
      `it runs as uid ${target.effectiveUid} and the helper as uid ${own.effectiveUid} without CAP_SYS_PTRACE. ` +
      `Run VS Code (or its server) as uid ${target.effectiveUid} or as root.`
    );
  }
  if (missingCapability && ownerUid(procRoot, pid) !== target.effectiveUid) {
    return (
      'it is not dumpable (PR_SET_DUMPABLE is 0, as after a change of uid or file capabilities) and the helper lacks CAP_SYS_PTRACE. ' +
      'Run as root, or let the target call prctl(PR_SET_DUMPABLE, 1).'
    );
  }
  const scope = procText(`${procRoot}/sys/kernel/yama/ptrace_scope`)?.trim();
  if (scope === '3') {
    return 'kernel.yama.ptrace_scope is 3: nobody may attach until the next boot.';
  }
  if (scope === '2' && missingCapability) {
    return 'kernel.yama.ptrace_scope is 2: only CAP_SYS_PTRACE may attach. Run as root, or as root: sysctl kernel.yama.ptrace_scope=0';
  }
  if (scope === '1' && missingCapability) {
    return (
      'kernel.yama.ptrace_scope is 1: only an ancestor may attach. As root: sysctl kernel.yama.ptrace_scope=0 ' +
      '(until reboot, for all programs), or let the target call prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY).'
    );
  }
  if (missingCapability) {
    return 'a capability or user namespace of the target that the helper lacks, a seccomp filter or a security module refused. Run as root.';
  }
  return 'a security module, a seccomp filter or another user namespace refused although the helper has CAP_SYS_PTRACE. Run outside the container.';
}

/** Whether a process has ended, or is about to: it has no memory any more, and its files say little that is true. */
export function isEnding(procRoot: string, pid: number): boolean {
  const status = procText(`${procRoot}/${pid}/status`);
  return status === undefined || !/^VmSize:/m.test(status);
}

interface Credentials {
  readonly effectiveUid: number;
  /** Real, effective and saved uid: all three must be ours. */
  readonly uids: readonly number[];
  readonly capabilities: bigint;
}

function credentials(procRoot: string, pid: string): Credentials | undefined {
  const status = procText(`${procRoot}/${pid}/status`) ?? '';
  const uids = /^Uid:\s+(\d+)\s+(\d+)\s+(\d+)/m.exec(status)?.slice(1, 4).map(Number);
  const capabilities = /^CapEff:\s+([0-9a-f]+)/m.exec(status)?.[1];
  return uids === undefined || capabilities === undefined
    ? undefined
    : { uids, effectiveUid: uids[1]!, capabilities: BigInt(`0x${capabilities}`) };
}

/** Owner of /proc/PID's files: root instead of the effective uid when the process is not dumpable (proc(5)). */
function ownerUid(procRoot: string, pid: number): number | undefined {
  try {
    return statSync(`${procRoot}/${pid}/stat`).uid;
  } catch {
    return undefined;
  }
}
