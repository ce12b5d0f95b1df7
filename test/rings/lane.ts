import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { readCommand, startProcess } from '../workbench/childProcess.ts';
import { rootFolder } from '../workbench/paths.ts';
import { makeTemporaryFolder } from '../workbench/temporaryFolder.ts';
import { nodeProgram } from './mochaRing.ts';
import { readResults, resultsVariable } from './resultsFile.ts';
import type { RingResult } from './ringResult.ts';

/**
 * Runs a command in a PID namespace of its own (pid_namespaces(7)), which needs root: it sees no
 * process but its own, and all of them end with it. The shell is there to reap orphans, as init does.
 */
const withOwnProcesses = [
  ...['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'],
  ...['sh', '-c', '"$@"; exit $?', 'sh'],
];

/** Whether a lane can run here without seeing processes of others. */
export async function canRunApart(): Promise<boolean> {
  const [command, ...args] = [...withOwnProcesses, 'true'];
  const ended = await readCommand(command, args).catch(() => null);
  return ended?.exitCode === 0;
}

/** Runs rings, one after the other, apart from what else runs. Their output is shown when they have ended. */
export async function runApart(rings: readonly string[]): Promise<RingResult> {
  const folder = await makeTemporaryFolder('lane');
  const results = path.join(folder.path, 'results.json');
  const outputFile = path.join(folder.path, 'output');
  const output = await open(outputFile, 'w');
  try {
    const [command, ...args] = [...withOwnProcesses, nodeProgram, 'test/run.ts', ...rings];
    const running = await startProcess(command!, args, {
      cwd: rootFolder,
      stdio: ['ignore', output.fd, output.fd],
      env: { ...process.env, [resultsVariable]: results },
    });
    return await readResults(results, await running.exited);
  } finally {
    await output.close();
    await pipeline(createReadStream(outputFile), process.stdout, { end: false });
    await folder.remove();
  }
}
