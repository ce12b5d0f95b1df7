/** Where a process's instructions are: their files, for whoever looks their functions up. */
import { CodeMap } from '../inspect/codeLocation.ts';
import type { CodeLocationDto } from '../protocol/inspect.ts';

/** Maps are long, and many instructions can appear at once; files rarely come and go. */
const freshMs = 1000;

export class CodePlaces {
  private readonly procRoot: string;
  private readonly pid: number;
  private map = new CodeMap('');
  private readMs = -Infinity;

  constructor(procRoot: string, pid: number) {
    this.procRoot = procRoot;
    this.pid = pid;
  }

  /** Without a file where that cannot be told. */
  locate(address: bigint): CodeLocationDto {
    const nowMs = performance.now();
    // Where nothing was mapped, something is by now: code ran there.
    if (nowMs - this.readMs > freshMs || !this.map.has(address)) {
      this.readMs = nowMs;
      this.map = this.read();
    }
    return this.map.locate(address);
  }

  private read(): CodeMap {
    try {
      return CodeMap.of(this.procRoot, this.pid);
    } catch {
      // Too many open files, or no memory: nothing worth an end of the session.
      return new CodeMap('');
    }
  }
}
