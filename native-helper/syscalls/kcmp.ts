/** kcmp(2): whether two processes share something. */
import { syscall, syscall5 } from './libc.ts';

const SYS_kcmp = process.arch === 'arm64' ? 272 : 312;
const KCMP_FILE = 0;
const KCMP_VM = 1;

/** Whether two processes share their memory; false where the kernel does not tell. */
export function hasSameMemory(pid: number, otherPid: number): boolean {
  return syscall(SYS_kcmp, pid, otherPid, KCMP_VM) === 0;
}

/** Whether two descriptors are one open file; undefined where the kernel does not tell (EPERM, ENOSYS). */
export function isSameFile(pid: number, fd: number, otherPid: number, otherFd: number): boolean | undefined {
  const order = syscall5(SYS_kcmp, pid, otherPid, KCMP_FILE, fd, otherFd);
  return order === -1 ? undefined : order === 0;
}
