/** kcmp(2): whether two processes share something. */
import { syscall } from './libc.ts';

const SYS_kcmp = process.arch === 'arm64' ? 272 : 312;
const KCMP_VM = 1;

/** Whether two processes share their memory; false where the kernel does not tell. */
export function hasSameMemory(pid: number, otherPid: number): boolean {
  return syscall(SYS_kcmp, pid, otherPid, KCMP_VM) === 0;
}
