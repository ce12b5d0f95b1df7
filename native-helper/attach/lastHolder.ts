/** Whether closing our descriptor would be the last close, after which missing pages read as zeros. */
import { probeMemory } from '../capture/memoryProbe.ts';
import { UffdIoctl } from '../capture/uffdIoctl.ts';
import { isDebugger } from '../inspect/debuggerNames.ts';
import { findHolders, type Holder } from '../inspect/holders.ts';
import { procRoot } from '../inspect/procFile.ts';

/** @param uffd our duplicate. Never true of memory that is gone: nobody can read zeros there. */
export function isLastHolder(uffd: number, inode: number): boolean {
  return findOtherHolder(inode) === undefined && probeMemory(new UffdIoctl(uffd)) !== 'gone';
}

/** A process that has the ctx open and is no debugger, if one can be seen. */
export function findOtherHolder(inode: number): Holder | undefined {
  return findHolders(procRoot, inode).find(({ pid }) => !isDebugger(procRoot, pid));
}
