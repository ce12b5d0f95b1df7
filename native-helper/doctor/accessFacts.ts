/** What the gates are judged by: everything is read once, before any gate. */
import { statSync } from 'node:fs';
import { Errno } from '../abi/errnoText.ts';
import { isDebugger } from '../inspect/debuggerNames.ts';
import { readUffd, uffdNumbers } from '../inspect/descriptors.ts';
import { procComm, procLink, procNumbers, procText } from '../inspect/procFile.ts';
import { hasMemory } from '../inspect/processes.ts';
import type { UffdDto } from '../protocol/processes.ts';
import { containerOfGroup, ownContainer, type Container } from './containerSigns.ts';
import { CAP_SYS_PTRACE, has, parseCredentials, type Credentials } from './credentials.ts';

/** How a system call went: the errno, or undefined where it succeeded. */
export type Outcome = number | undefined;

/** The machine, as the doctor sees and tries it. None of its calls leaves anything behind. */
export interface DoctorSystem {
  readonly procRoot: string;
  /** What `/dev`, `/run` and so on are found below; empty for the real ones. */
  readonly root: string;
  /** The Node that runs this, where it is one that can be copied. */
  readonly nodePath: string | undefined;
  /** pidfd_getfd(2) of a descriptor of our own: access control lets it pass, so only a filter or an old kernel refuses. */
  tryOwnDuplicate(): Outcome;
  /**
   * pidfd_getfd(2) of the target's descriptor, closed at once; without one, of a number that no
   * process has, which ends in EBADF where access is granted.
   */
  tryDuplicate(pid: number, fd: number | undefined): Outcome;
  /** Whether our duplicate of a blocking uffd could be read without waiting; undefined when it cannot be duplicated. */
  tryNowait(pid: number, fd: number): boolean | undefined;
  /** userfaultfd(2) for user-mode faults and UFFDIO_API, closed at once: the kernel's features. */
  tryUserfaultfd(): { readonly features: readonly string[] } | { readonly errno: number };
  /** open(2) for reading and writing. */
  tryOpen(path: string): Outcome;
}

/** What is known of a process, ours or the target, without any right over it. */
export interface ProcessFacts {
  readonly pid: number;
  readonly comm: string;
  readonly credentials: Credentials;
  /** /proc/PID/uid_map, its blanks made single. */
  readonly uidMap: string;
  /** Where /proc/PID/ns/user points; undefined without access. */
  readonly userNamespace: string | undefined;
  readonly seccompMode: number;
  readonly seccompFilters: number;
  /** Its pid in each pid namespace from ours inwards. */
  readonly nestedPids: readonly number[];
  readonly container: Container | undefined;
}

export interface TargetFacts extends ProcessFacts {
  /** Of its /proc files: root instead of its effective uid when it is not dumpable (proc(5)). */
  readonly ownerUid: number | undefined;
  readonly isBelowUs: boolean;
  readonly tracers: readonly { readonly tid: number; readonly tracerPid: number; readonly comm: string }[];
  readonly uffds: readonly UffdDto[] | undefined;
  readonly isDebugger: boolean;
  /** The attempt: 'refused' by access control; 'failed' for another reason; 'untried' where the call itself is refused. */
  readonly access: 'granted' | 'refused' | 'failed' | 'untried';
  readonly accessErrno: Outcome;
}

/** Why there is no target to judge. */
export type NoTarget =
  | { readonly why: 'gone' | 'ending' | 'kernelThread'; readonly pid: number; readonly comm: string }
  | { readonly why: 'thread'; readonly pid: number; readonly comm: string; readonly tgid: number };

export interface AccessFacts {
  readonly system: DoctorSystem;
  readonly own: ProcessFacts;
  /** Whether the threads of the kernel can be seen, and so every process of the machine. */
  readonly seesMachine: boolean;
  /** Null when none was asked for. */
  readonly target: TargetFacts | NoTarget | null;
  readonly ownDuplicate: Outcome;
}

/** The parent of every kernel thread. */
const kthreadd = 2;

export function accessFacts(system: DoctorSystem, pid: number | undefined): AccessFacts {
  const { procRoot, root } = system;
  const own = processFacts(procRoot, 'self')!;
  const cgroup = procText(`${procRoot}/self/cgroup`) ?? '';
  const ownDuplicate = system.tryOwnDuplicate();
  return {
    system,
    own: { ...own, container: ownContainer(root, cgroup) },
    target: pid === undefined ? null : targetFacts(system, pid, own.pid, ownDuplicate === undefined),
    seesMachine: procComm(`${procRoot}/${kthreadd}`) === 'kthreadd',
    ownDuplicate,
  };
}

export function isTarget(target: AccessFacts['target']): target is TargetFacts {
  return target !== null && !('why' in target);
}

function processFacts(procRoot: string, pid: string): ProcessFacts | undefined {
  const status = procText(`${procRoot}/${pid}/status`) ?? '';
  const credentials = parseCredentials(status);
  const field = (name: string): string => new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(status)?.[1] ?? '';
  return credentials === undefined
    ? undefined
    : {
        pid: Number(field('Pid')),
        comm: procComm(`${procRoot}/${pid}`),
        credentials,
        uidMap: (procText(`${procRoot}/${pid}/uid_map`) ?? '').replaceAll(/[ \t]+/g, ' ').trim(),
        userNamespace: procLink(`${procRoot}/${pid}/ns/user`),
        seccompMode: Number(field('Seccomp')),
        seccompFilters: Number(field('Seccomp_filters')),
        nestedPids: field('NSpid').split(/\s+/).map(Number),
        container: containerOfGroup(procText(`${procRoot}/${pid}/cgroup`) ?? ''),
      };
}

function targetFacts(
  system: DoctorSystem,
  pid: number,
  ownPid: number,
  canTry: boolean,
): TargetFacts | NoTarget {
  const { procRoot } = system;
  const status = procText(`${procRoot}/${pid}/status`);
  const facts = processFacts(procRoot, String(pid));
  const comm = procComm(`${procRoot}/${pid}`);
  if (status === undefined || facts === undefined) {
    return { why: 'gone', pid, comm };
  }
  const tgid = Number(/^Tgid:\s+(\d+)/m.exec(status)?.[1] ?? pid);
  if (tgid !== pid) {
    return { why: 'thread', pid, comm, tgid };
  }
  if (!hasMemory(status)) {
    return { why: /^PPid:\s+2$/m.test(status) || pid === kthreadd ? 'kernelThread' : 'ending', pid, comm };
  }
  const fds = uffdNumbers(procRoot, pid);
  const uffds =
    'numbers' in fds
      ? fds.numbers.map((fd) => readUffd(procRoot, pid, fd)).filter((uffd) => uffd !== undefined)
      : undefined;
  const errno = canTry ? system.tryDuplicate(pid, uffds?.[0]?.fd) : undefined;
  return {
    ...facts,
    ownerUid: ownerUid(`${procRoot}/${pid}/stat`),
    isBelowUs: ancestors(procRoot, pid).includes(ownPid),
    tracers: tracers(procRoot, pid),
    uffds,
    isDebugger: isDebugger(procRoot, pid),
    access: canTry ? accessOf(errno) : 'untried',
    accessErrno: errno,
  };
}

function accessOf(errno: Outcome): TargetFacts['access'] {
  if (errno === Errno.EPERM) {
    return 'refused';
  }
  return errno === undefined || errno === Errno.EBADF ? 'granted' : 'failed';
}

function ownerUid(path: string): number | undefined {
  try {
    return statSync(path).uid;
  } catch {
    return undefined;
  }
}

function ancestors(procRoot: string, pid: number): number[] {
  const found: number[] = [];
  for (let at = pid; at > 0 && !found.includes(at);) {
    found.push(at);
    at = Number(/^PPid:\s+(\d+)/m.exec(procText(`${procRoot}/${at}/status`) ?? '')?.[1] ?? 0);
  }
  return found.slice(1);
}

function tracers(procRoot: string, pid: number): TargetFacts['tracers'] {
  return procNumbers(`${procRoot}/${pid}/task`).flatMap((tid) => {
    const status = procText(`${procRoot}/${pid}/task/${tid}/status`) ?? '';
    const tracerPid = Number(/^TracerPid:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    return tracerPid === 0 ? [] : [{ tid, tracerPid, comm: procComm(`${procRoot}/${tracerPid}`) }];
  });
}

/**
 * Whether two processes are in one user namespace; undefined where that cannot be seen: a map of
 * uids may be that of several, but for the first one's.
 */
export function isSameNamespace(a: ProcessFacts, b: ProcessFacts): boolean | undefined {
  if (a.userNamespace !== undefined && b.userNamespace !== undefined) {
    return a.userNamespace === b.userNamespace;
  }
  return a.uidMap !== b.uidMap ? false : isInFirstNamespace(a) ? true : undefined;
}

/** Whether a process is in the machine's first user namespace, by its map of all uids to themselves. */
export function isInFirstNamespace({ uidMap }: ProcessFacts): boolean {
  return uidMap === '0 0 4294967295';
}

/** Whether our CAP_SYS_PTRACE counts for the target for certain. */
export function hasRightOver(own: ProcessFacts, target: ProcessFacts): boolean {
  return has(own.credentials.effective, CAP_SYS_PTRACE) && isSameNamespace(own, target) === true;
}
