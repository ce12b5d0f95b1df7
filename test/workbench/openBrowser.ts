import { startCodeServer } from './codeServer.ts';
import { startProcess } from './childProcess.ts';
import { findOnPath } from './findOnPath.ts';
import type { OpenWorkbench, WorkbenchRequest } from './workbench.ts';

/** Serves VS Code on loopback, guarded by a token, and opens it in the user's browser where there is one. */
export async function openBrowser(request: WorkbenchRequest): Promise<OpenWorkbench> {
  const server = await startCodeServer({
    extensionFolders: request.extensionFolders,
    env: request.env,
    isTokenRequired: true,
  });
  const address = server.pageUrl(request.workspaceFolder);
  const opener = findOpener();
  if (opener !== null) {
    await startProcess(opener, [address], { stdio: 'ignore' }).catch((error: unknown) => {
      console.log(`The browser could not be opened: ${String(error)}`);
    });
  }
  return { address, closed: server.exited };
}

/** The program that opens an address in the user's browser. */
function findOpener(): string | null {
  const { BROWSER: browser, DISPLAY: display, WAYLAND_DISPLAY: waylandDisplay } = process.env;
  if (browser !== undefined && browser !== '') {
    return findOnPath(browser);
  }
  return display === undefined && waylandDisplay === undefined ? null : findOnPath('xdg-open');
}
