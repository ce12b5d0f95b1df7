/** Names the calling thread, as ps, /proc and the timeline show it. */
import { prctl } from './libc.ts';
import { NativeBuffer } from './nativeMemory.ts';

const PR_SET_NAME = 15;

/** @param name at most 15 bytes; the kernel cuts the rest. The main thread's is the process's too. */
export function setThreadName(name: string): void {
  const bytes = new NativeBuffer();
  bytes.fill(Buffer.from(`${name}\0`));
  prctl(PR_SET_NAME, bytes.address, 0, 0, 0);
}
