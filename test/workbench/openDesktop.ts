import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startProcess } from './childProcess.ts';
import { findOnPath } from './findOnPath.ts';
import type { OpenWorkbench, WorkbenchRequest } from './workbench.ts';
import { quietSettings } from './settings.ts';
import { onShutdown } from './shutdown.ts';
import { makeTemporaryFolder } from './temporaryFolder.ts';

/** Path of desktop VS Code's command, null when there is none or no display to show it on. */
export function findDesktop(): string | null {
  const hasDisplay = 'DISPLAY' in process.env || 'WAYLAND_DISPLAY' in process.env;
  // In the terminal of a remote window, `code` only talks to that window.
  const isRemoteTerminal = 'VSCODE_IPC_HOOK_CLI' in process.env;
  return hasDisplay && !isRemoteTerminal ? findOnPath('code') : null;
}

/** Opens desktop VS Code as an instance of its own, apart from the user's windows and settings. */
export async function openDesktop(command: string, request: WorkbenchRequest): Promise<OpenWorkbench> {
  const { path: dataFolder } = await makeTemporaryFolder('desktop');
  const userFolder = path.join(dataFolder, 'User');
  await mkdir(userFolder, { recursive: true });
  await writeFile(path.join(userFolder, 'settings.json'), JSON.stringify(quietSettings));
  onShutdown({
    stop: async () => {
      // The command hands over to a process that is no child of ours; its data folder tells it apart.
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
        signalInstance(dataFolder, signal);
        await untilGone(dataFolder, 5000);
      }
    },
    kill: () => signalInstance(dataFolder, 'SIGKILL'),
  });
  const running = await startProcess(
    command,
    [
      ...['--wait', '--new-window', '--disable-workspace-trust', '--skip-release-notes'],
      ...[`--user-data-dir=${dataFolder}`, `--extensions-dir=${path.join(dataFolder, 'extensions')}`],
      ...request.extensionFolders.map((folder) => `--extensionDevelopmentPath=${folder}`),
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      request.workspaceFolder,
    ],
    { env: { ...process.env, ...request.env }, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  return { address: null, closed: running.exited };
}

/** Processes of the instance, by the data folder on their command line. */
function instancePids(dataFolder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => commandLine(pid).includes(`--user-data-dir=${dataFolder}`))
    .map(Number);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // It has ended.
    return '';
  }
}

function signalInstance(dataFolder: string, signal: NodeJS.Signals): void {
  for (const pid of instancePids(dataFolder)) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended.
    }
  }
}

async function untilGone(dataFolder: string, longestMs: number): Promise<void> {
  const deadlineMs = Date.now() + longestMs;
  while (instancePids(dataFolder).length > 0 && Date.now() < deadlineMs) {
    await delay(50);
  }
}
