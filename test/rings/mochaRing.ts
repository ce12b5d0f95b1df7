import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { startProcess } from '../workbench/childProcess.ts';
import { rootFolder } from '../workbench/paths.ts';
import { makeTemporaryFolder } from '../workbench/temporaryFolder.ts';
import { readResults, resultsVariable } from './resultsFile.ts';
import { broken, type RingResult } from './ringResult.ts';

/** The Node of node_modules, relative to the checkout. */
export const nodeProgram = 'node_modules/node/bin/node';

/** A ring that has not ended by then hangs: on a busy machine that lacks packages it takes a third of that. */
const longestRunMs = 25 * 60_000;

/** Runs the mocha tests of a folder in a process of their own. */
export async function runMochaRing(folder: string): Promise<RingResult> {
  const results = await makeTemporaryFolder('results');
  try {
    return await runMochaProcess(folder, { root: rootFolder, resultsFolder: results.path });
  } finally {
    await results.remove();
  }
}

export interface MochaProcessOptions {
  /** The checkout, as the process sees it. */
  readonly root: string;
  /** An existing folder that the process may write to. */
  readonly resultsFolder: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Runs the command that it is followed by, for instance as another user. */
  readonly wrapper?: readonly string[];
  /** A folder below, whose tests are left out. */
  readonly without?: string;
}

/** Runs the mocha tests of `test/FOLDER` and reads their result. */
export async function runMochaProcess(folder: string, options: MochaProcessOptions): Promise<RingResult> {
  const { without } = options;
  const files = (await testFiles(`test/${folder}`)).filter(
    (file) => without === undefined || !file.startsWith(`test/${folder}/${without}/`),
  );
  if (files.length === 0) {
    return broken(`test/${folder} has no *.test.ts file.`);
  }
  const results = path.join(options.resultsFolder, 'results.json');
  const node = path.join(options.root, nodeProgram);
  const [command, ...args] = [...(options.wrapper ?? []), node, 'test/rings/mochaProcess.ts', ...files];
  const running = await startProcess(command!, args, {
    cwd: options.root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...options.env, [resultsVariable]: results },
  });
  const timer = setTimeout(() => {
    console.log(`The tests are still running after ${longestRunMs / 60_000} minutes and are stopped.`);
    void running.stop();
  }, longestRunMs);
  const exitCode = await running.exited;
  clearTimeout(timer);
  await running.stop();
  return readResults(results, exitCode);
}

/** Test files below a folder, relative to the checkout, in the order of their names. */
async function testFiles(folder: string): Promise<string[]> {
  const entries = await readdir(path.join(rootFolder, folder), { recursive: true }).catch(() => []);
  return entries
    .filter((entry) => entry.endsWith('.test.ts'))
    .map((entry) => path.join(folder, entry))
    .sort();
}
