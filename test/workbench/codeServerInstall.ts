import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readCommand } from './childProcess.ts';
import { cacheFolder } from './paths.ts';

/** code-server 4.139.1 carries the workbench and extension host of VS Code 1.139.1. */
const version = '4.139.1';

/**
 * Installs code-server from the npm registry into the cache, once, and returns the folder of
 * its VS Code server. Install scripts stay off: its native modules are not built, which costs
 * the integrated terminal and needs no compiler.
 */
export async function installCodeServer(): Promise<string> {
  const folder = path.join(cacheFolder, `code-server-${version}`);
  const serverFolder = path.join('node_modules/code-server/lib/vscode');
  if (!existsSync(folder)) {
    console.log(`Installing code-server ${version} (VS Code for a browser) into ${folder}, once …`);
    await mkdir(cacheFolder, { recursive: true });
    // The final name appears only when everything is there, so that an interrupted installation is done again.
    const unfinished = await mkdtemp(`${folder}.unfinished-`);
    try {
      await writeFile(path.join(unfinished, 'package.json'), '{"private":true}\n');
      await npmInstall(unfinished, [`code-server@${version}`]);
      await npmInstall(path.join(unfinished, serverFolder), []);
      await rename(unfinished, folder);
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
  }
  return path.join(folder, serverFolder);
}

async function npmInstall(folder: string, packages: readonly string[]): Promise<void> {
  const args = ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', ...packages];
  // Inside an npm script this is the running npm; it then runs on the same Node as we do.
  const npm = process.env['npm_execpath'];
  const { exitCode, output } = await (npm === undefined
    ? readCommand('npm', args, { cwd: folder })
    : readCommand(process.execPath, [npm, ...args], { cwd: folder }));
  if (exitCode !== 0) {
    throw new Error(`npm ${args.join(' ')} failed with exit code ${exitCode}:\n${output}`);
  }
}
