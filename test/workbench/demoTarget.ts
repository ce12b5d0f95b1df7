import path from 'node:path';
import { createInterface } from 'node:readline';
import { startProcess, type RunningProcess } from './childProcess.ts';
import { distFolder } from './paths.ts';

export interface DemoTarget {
  readonly pid: number;
  readonly fd: number;
  readonly process: RunningProcess;
}

/** Starts the demo target without a handler of its own and waits until its memory is registered. */
export async function startDemoTarget(): Promise<DemoTarget> {
  // Its stdin is a pipe from us: it ends even if we are killed.
  const running = await startProcess(process.execPath, [path.join(distFolder, 'demoTarget.cjs')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ready = new Promise<string>((resolve) =>
    createInterface({ input: running.child.stdout! }).once('line', resolve),
  );
  const failure = running.exited.then((exitCode) => {
    throw new Error(`The demo target ended with exit code ${exitCode} before it was ready.`);
  });
  const { pid, fd } = JSON.parse(await Promise.race([ready, failure])) as { pid: number; fd: number };
  return { pid, fd, process: running };
}
