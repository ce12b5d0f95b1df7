import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../workbench/chromium.ts';
import { startCodeServer, type CodeServer } from '../workbench/codeServer.ts';
import { makeDemoWorkspace } from '../workbench/demoWorkspace.ts';
import { distFolder, rootFolder } from '../workbench/paths.ts';
import { stopLeftovers } from '../workbench/shutdown.ts';
import { WorkbenchPage } from '../workbench/workbenchPage.ts';

/** A VS Code with the extension for each test of a suite; a failed test leaves a picture of it. */
export function useWorkbench(): { readonly workbench: WorkbenchPage; readonly server: CodeServer } {
  let browser: Browser;
  let server: CodeServer;
  let workbench: WorkbenchPage;

  before(async () => {
    browser = await launchChromium();
  });
  beforeEach(async () => {
    server = await startCodeServer({ extensionFolders: [rootFolder] });
    workbench = await WorkbenchPage.open(browser, server.pageUrl(await makeDemoWorkspace()));
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed' && !workbench.page.isClosed()) {
      const folder = path.join(distFolder, 'test/ui');
      await mkdir(folder, { recursive: true });
      const file = path.join(folder, `${this.currentTest.title.replaceAll(/\W+/g, '-')}.png`);
      await workbench.page.screenshot({ path: file });
      console.log(`      picture: ${file}`);
    }
    await workbench.page.close();
    await server.stop();
  });
  after(async () => {
    await browser.close();
    await stopLeftovers();
  });

  return {
    get workbench() {
      return workbench;
    },
    get server() {
      return server;
    },
  };
}
