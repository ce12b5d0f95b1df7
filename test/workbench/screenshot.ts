/** `npm run screenshot`: pictures of the running product for the README, in the three kinds of theme. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { launchChromium } from './chromium.ts';
import { startCodeServer } from './codeServer.ts';
import { startDemoTarget } from './demoTarget.ts';
import { makeDemoWorkspace } from './demoWorkspace.ts';
import { rootFolder } from './paths.ts';
import { stopLeftovers } from './shutdown.ts';
import { WorkbenchPage } from './workbenchPage.ts';

const pictureFolder = path.join(rootFolder, 'extension/media');

/** Names of the pictures, the themes they are taken in, and the class by which the window shows that theme. */
const themes = [
  { picture: 'timeline-dark', theme: 'Dark Modern', themeClass: 'vs-dark' },
  { picture: 'timeline-light', theme: 'Light Modern', themeClass: 'vs' },
  { picture: 'timeline-high-contrast', theme: 'Dark High Contrast', themeClass: 'hc-black' },
];

/** Faults resolved by hand before the pictures are taken, so that lanes have a past. */
const resolvedFaults = 12;

async function takePictures(): Promise<void> {
  const target = await startDemoTarget();
  const server = await startCodeServer({ extensionFolders: [rootFolder] });
  const browser = await launchChromium();
  const workbench = await WorkbenchPage.open(browser, server.pageUrl(await makeDemoWorkspace()));
  await workbench.runCommand('View: Toggle Primary Side Bar Visibility');
  await workbench.runCommand('Userfaultfd: Attach to Process');
  await workbench.isAsked('Choose a process');
  await workbench.answer(String(target.pid), 'asleep');
  await workbench.timelineHas('data-session', 'live');
  await resolveSome(workbench);
  await mkdir(pictureFolder, { recursive: true });
  for (const { picture, theme, themeClass } of themes) {
    await workbench.runCommand('Preferences: Color Theme');
    await workbench.isAsked('Select Color Theme');
    await workbench.answer(theme);
    await workbench.page.locator(`.monaco-workbench.${themeClass}`).waitFor();
    await workbench.quickInput.waitFor({ state: 'hidden' });
    await press(workbench, '0');
    const file = path.join(pictureFolder, `${picture}.png`);
    await workbench.page.screenshot({ path: file });
    console.log(file);
  }
  await browser.close();
}

/** Leaves finished faults, one resolved but asleep, and held ones, the next of which is selected. */
async function resolveSome(workbench: WorkbenchPage): Promise<void> {
  const { timelineFrame } = workbench;
  for (let i = 0; i < resolvedFaults; i++) {
    await press(workbench, 'n');
    await workbench.timelineHas('data-selected-phase', 'held');
    if (i === 0) {
      await timelineFrame.getByTestId('resolve-fill').fill('0x5a');
    }
    if (i === resolvedFaults - 1) {
      await timelineFrame.getByTestId('resolve-dontwake').check();
    }
    await timelineFrame.getByTestId('resolve-submit').click();
    await timelineFrame.getByTestId('result').first().waitFor();
  }
  await press(workbench, 'n');
  await workbench.timelineHas('data-selected-phase', 'held');
}

/** Presses a key of the chart. */
async function press(workbench: WorkbenchPage, key: string): Promise<void> {
  await workbench.timelineFrame.getByTestId('chart').focus();
  await workbench.page.keyboard.press(key);
}

try {
  await takePictures();
} finally {
  await stopLeftovers();
}
