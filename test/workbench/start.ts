/** `npm start`: VS Code with this extension, attached to a demo target or to a process of the user's. */
import path from 'node:path';
import { runCommand } from './childProcess.ts';
import { startDemoTarget } from './demoTarget.ts';
import { makeDemoWorkspace } from './demoWorkspace.ts';
import { openBrowser } from './openBrowser.ts';
import { findDesktop, openDesktop } from './openDesktop.ts';
import { rootFolder } from './paths.ts';
import { stopAndExit } from './shutdown.ts';
import { startHelp, startOptions, UsageError, type TargetAddress } from './startOptions.ts';

async function start(givenTarget: TargetAddress | null): Promise<number> {
  console.log('Building …');
  const buildExitCode = await runCommand('npm', ['run', '--silent', 'build'], { cwd: rootFolder });
  if (buildExitCode !== 0) {
    console.error('The build failed: see above.');
    return 1;
  }
  const workspaceFolder = await makeDemoWorkspace();
  const target = givenTarget ?? (await startDemo());
  const request = {
    workspaceFolder,
    extensionFolders: [rootFolder, path.join(import.meta.dirname, 'starter')],
    env: { UFFD_START: JSON.stringify({ target, ownerFile: path.join(workspaceFolder, '.owner') }) },
  };
  const desktop = findDesktop();
  const workbench = desktop === null ? await openBrowser(request) : await openDesktop(desktop, request);
  if (workbench.address !== null) {
    console.log('VS Code is at this address, which holds the key to it:\n');
    console.log(`${workbench.address}\n`);
  }
  console.log('Press Ctrl+C to end it.');
  return workbench.closed;
}

async function startDemo(): Promise<TargetAddress> {
  const { pid, fd } = await startDemoTarget();
  console.log(`The demo target is process ${pid}.`);
  return { pid, fd };
}

async function main(): Promise<number> {
  try {
    const options = startOptions(process.argv.slice(2));
    if (options.kind === 'help') {
      console.log(startHelp);
      return 0;
    }
    return await start(options.kind === 'attach' ? options.target : null);
  } catch (error) {
    console.error(error instanceof UsageError ? `npm start: ${error.message}` : error);
    return error instanceof UsageError ? 2 : 1;
  }
}

await stopAndExit(await main());
