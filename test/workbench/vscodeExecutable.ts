import path from 'node:path';
import { downloadAndUnzipVSCode } from '@vscode/test-electron';
import { installCodeServer } from './codeServerInstall.ts';
import { findOnPath } from './findOnPath.ts';
import { cacheFolder } from './paths.ts';
import { provideChromium } from './systemPackages.ts';

export interface VscodeExecutable {
  /** Takes the command line of desktop VS Code. */
  readonly executablePath: string;
  readonly description: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Desktop VS Code where a display and the download can be had, else the browser VS Code in its place. */
export async function provideVscode(): Promise<VscodeExecutable> {
  const hasDisplay = 'DISPLAY' in process.env || 'WAYLAND_DISPLAY' in process.env;
  const isDesktopPossible = hasDisplay || findOnPath('xvfb-run') !== null;
  if (isDesktopPossible && (await canDownload())) {
    const desktop = await downloadAndUnzipVSCode({ cachePath: cacheFolder });
    return hasDisplay
      ? { executablePath: desktop, description: 'desktop VS Code', env: {} }
      : {
          executablePath: path.join(import.meta.dirname, 'xvfbLauncher.sh'),
          description: 'desktop VS Code on a virtual display',
          env: { UFFD_DESKTOP_VSCODE: desktop },
        };
  }
  await provideChromium();
  await installCodeServer();
  return {
    executablePath: path.join(import.meta.dirname, 'launcher.ts'),
    description: `VS Code in Chromium (${isDesktopPossible ? 'its desktop download cannot be reached' : 'no display'})`,
    env: {},
  };
}

/** A closed network refuses at once; one that swallows packets is given up on soon. */
async function canDownload(): Promise<boolean> {
  try {
    const url = 'https://update.code.visualstudio.com/api/releases/stable';
    return (await fetch(url, { signal: AbortSignal.timeout(3000) })).ok;
  } catch {
    return false;
  }
}
