#!/usr/bin/env node
/**
 * Stands in for the executable of desktop VS Code: the same command line as @vscode/test-electron
 * gives it, on code-server shown by Chromium. Prints the test suite's log and exits with its code.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { launchChromium } from './chromium.ts';
import { startCodeServer } from './codeServer.ts';
import { stopAndExit } from './shutdown.ts';
import { suiteLogLine } from './suiteLog.ts';
import { makeTemporaryFolder } from './temporaryFolder.ts';

const { values } = parseArgs({
  strict: false,
  options: {
    // The extension under test, and after it those that it is tested with.
    extensionDevelopmentPath: { type: 'string', multiple: true },
    extensionTestsPath: { type: 'string' },
  },
});

async function runSuite(
  extensionPath: string,
  otherExtensions: readonly string[],
  testsPath: string,
): Promise<number> {
  const workspace = await makeTemporaryFolder('workspace');
  const server = await startCodeServer({ isTestPayloadAllowed: true, extensionFolders: otherExtensions });
  const browser = await launchChromium();
  try {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    const suiteEnded = new Promise<number>((resolve, reject) => {
      void page.exposeFunction('codeAutomationExit', (exitCode: number) => resolve(exitCode));
      page.once('crash', () => reject(new Error('The page of the workbench crashed.')));
      page.once('close', () => reject(new Error('The page of the workbench was closed.')));
    });
    await page.exposeFunction('codeAutomationLog', (_type: string, args: readonly unknown[]) => {
      const line = suiteLogLine(args);
      if (line !== null) {
        console.log(line);
      }
    });
    const remote = `vscode-remote://${server.authority}`;
    await page.goto(
      server.pageUrl(workspace.path, [
        ['extensionDevelopmentPath', remote + extensionPath],
        ['extensionTestsPath', remote + testsPath],
        ['skipWelcome', 'true'],
      ]),
    );
    return await suiteEnded;
  } finally {
    await browser.close();
    await server.stop();
    await workspace.remove();
  }
}

const { extensionDevelopmentPath = [], extensionTestsPath } = values;
const extensionFolders = [extensionDevelopmentPath]
  .flat()
  .filter((folder) => typeof folder === 'string')
  .map((folder) => path.resolve(folder));
const [extensionUnderTest, ...otherExtensions] = extensionFolders;
if (extensionUnderTest === undefined || typeof extensionTestsPath !== 'string') {
  console.error('launcher: give --extensionDevelopmentPath=FOLDER and --extensionTestsPath=FILE');
  process.exit(2);
}
const exitCode = await runSuite(extensionUnderTest, otherExtensions, path.resolve(extensionTestsPath));
await stopAndExit(exitCode);
