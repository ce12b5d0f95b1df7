import { runCommand } from '../workbench/childProcess.ts';
import { rootFolder } from '../workbench/paths.ts';
import { broken, type RingResult } from './ringResult.ts';

/** Runs a script of package.json; it passes or fails as one. */
export async function runScript(script: string): Promise<RingResult> {
  const exitCode = await runCommand('npm', ['run', '--silent', script], { cwd: rootFolder });
  return exitCode === 0
    ? { passed: 1, failed: 0, skipped: 0, failures: [] }
    : broken(`npm run ${script} ended with exit code ${exitCode}.`);
}
