import path from 'node:path';
import { runTests } from '@vscode/test-electron';
import { compileTargets } from '../workbench/compileTargets.ts';
import { provideVscode } from '../workbench/vscodeExecutable.ts';
import { binFolder, distFolder, rootFolder } from '../workbench/paths.ts';
import { makeTemporaryFolder } from '../workbench/temporaryFolder.ts';
import { readResults, resultsVariable } from './resultsFile.ts';
import type { RingResult } from './ringResult.ts';

/** The mocha suite inside a real VS Code: the desktop where it can be had, else in a browser. */
export async function runIntegrationRing(): Promise<RingResult> {
  await compileTargets();
  const vscode = await provideVscode();
  console.log(`Running in ${vscode.description}.`);
  const folder = await makeTemporaryFolder('integration');
  const results = path.join(folder.path, 'results.json');
  try {
    const exitCode = await runTests({
      vscodeExecutablePath: vscode.executablePath,
      extensionDevelopmentPath: [rootFolder, path.join(rootFolder, 'test/fixtures/debugger')],
      extensionTestsPath: path.join(distFolder, 'test/integration.cjs'),
      launchArgs: [`--user-data-dir=${path.join(folder.path, 'user-data')}`, '--disable-extensions'],
      extensionTestsEnv: {
        ...vscode.env,
        [resultsVariable]: results,
        // The stand-in for the desktop is a script that runs on our Node.
        PATH: `${binFolder}${path.delimiter}${process.env['PATH'] ?? ''}`,
      },
    }).catch(() => 1);
    return await readResults(results, exitCode);
  } finally {
    await folder.remove();
  }
}
