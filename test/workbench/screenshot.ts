/** `npm run screenshot`: pictures of the running product for the README, in the three kinds of theme. */
import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { TargetProcess } from '../helper/targetProcess.ts';
import { launchChromium } from './chromium.ts';
import { startCodeServer } from './codeServer.ts';
import { compileTargets } from './compileTargets.ts';
import { startDemoTarget } from './demoTarget.ts';
import { makeDemoWorkspace } from './demoWorkspace.ts';
import { rootFolder, targetFolder } from './paths.ts';
import { stopLeftovers } from './shutdown.ts';
import { makeTemporaryFolder } from './temporaryFolder.ts';
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
  await press(workbench, 't');
  await workbench.timelineFrame.getByRole('grid').waitFor();
  await mkdir(pictureFolder, { recursive: true });
  for (const { picture, theme, themeClass } of themes) {
    await showTheme(workbench, theme, themeClass);
    await press(workbench, '0');
    await takePicture(workbench, picture);
  }
  await showRules(workbench);
  await takePicture(workbench, 'rules');
  await showSecondSession(workbench);
  await takePicture(workbench, 'sessions');
  await takeInspectPicture(browser);
  await browser.close();
}

/** @param clip what of the window; undefined: all of it */
async function takePicture(
  workbench: WorkbenchPage,
  name: string,
  clip?: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
): Promise<void> {
  const file = path.join(pictureFolder, `${name}.png`);
  await workbench.page.screenshot({ path: file, ...(clip && { clip }) });
  console.log(file);
}

/** A second program on the same axis, in its own colour, served by the same rules. */
async function showSecondSession(workbench: WorkbenchPage): Promise<void> {
  const second = await startDemoTarget();
  await workbench.runCommand('View: Toggle Primary Side Bar Visibility');
  await workbench.runCommand('Userfaultfd: Attach to Process');
  await workbench.isAsked('Choose a process');
  await workbench.answer(String(second.pid), 'asleep');
  await workbench.timelineHas('data-sessions', 2);
  await workbench.timelineHas('data-session', 'live');
  await press(workbench, '0');
}

/** Two programs that are stuck in different ways, and the sentence that says why. */
async function takeInspectPicture(browser: Browser): Promise<void> {
  await compileTargets();
  const folder = await makeTemporaryFolder('inspect-picture');
  const targets: TargetProcess[] = [];
  try {
    for (const [name, kind] of [
      ['vmm', 'eexist'],
      ['pager', 'lock'],
    ] as const) {
      await copyFile(path.join(targetFolder, 'stuck'), path.join(folder.path, name));
      const target = await TargetProcess.start(path.join(folder.path, name), kind);
      targets.push(target);
      target.send('touch');
      await target.asleep(1);
    }
    const server = await startCodeServer({ extensionFolders: [rootFolder] });
    const workbench = await WorkbenchPage.open(browser, server.pageUrl(await makeDemoWorkspace()));
    await workbench.runCommand('Userfaultfd: Inspect');
    await showTheme(workbench, 'Dark Modern', 'vs-dark');
    // Gives the view the room of the one above.
    await workbench.page.locator('.pane-header', { hasText: 'Run' }).first().click();
    const row = (text: string) => workbench.page.locator('.monaco-list-row', { hasText: text }).first();
    await row('Sleeping Threads').locator('.monaco-tl-twistie').click();
    await row('Handler Threads').locator('.monaco-tl-twistie').click();
    await row('Read, never woken').hover();
    await workbench.page.locator('.monaco-hover', { hasText: 'What to try' }).waitFor();
    await takePicture(workbench, 'inspect', { x: 0, y: 30, width: 900, height: 600 });
    await workbench.page.close();
  } finally {
    await Promise.all(targets.map((target) => target.stop()));
    await folder.remove();
  }
}

/** @param themeClass of the window, by which it shows that theme */
async function showTheme(workbench: WorkbenchPage, theme: string, themeClass: string): Promise<void> {
  await workbench.runCommand('Preferences: Color Theme');
  await workbench.isAsked('Select Color Theme');
  await workbench.answer(theme);
  await workbench.page.locator(`.monaco-workbench.${themeClass}`).waitFor();
  await workbench.quickInput.waitFor({ state: 'hidden' });
}

/** Two rules at work, in the view beside the breakpoints. */
async function showRules(workbench: WorkbenchPage): Promise<void> {
  await showTheme(workbench, 'Dark Modern', 'vs-dark');
  // Opening it takes the focus, so that it must be open before the first rule shows itself there.
  await workbench.runCommand('View: Show Run and Debug');
  await workbench.page.locator('.pane-header', { hasText: 'Fault Rules' }).waitFor();
  await addRule(workbench, ['thread=writer-1', 'Hold']);
  await addRule(workbench, [
    'Every fault',
    'UFFDIO_COPY',
    'Fill byte',
    '0x64',
    'Writable',
    'The fault’s page',
    'Wake the thread',
  ]);
  await workbench.runCommand('Userfaultfd: Edit Delay of Rule');
  await workbench.answer('COPY');
  await workbench.answer('40', null);
  await press(workbench, 'h');
  await workbench.timelineFrame.getByTestId('wake').click();
  await press(workbench, 'Escape');
  await press(workbench, 'Space');
  await workbench.page.locator('.monaco-list-row', { hasText: /hits/ }).last().waitFor();
}

/** Answers of Add Rule…; the first picks the faults by their condition, one in digits is typed. */
async function addRule(workbench: WorkbenchPage, answers: readonly string[]): Promise<void> {
  await workbench.runCommand('Userfaultfd: Add Rule');
  for (const answer of answers) {
    await workbench.answer(answer, answer.startsWith('0x') ? null : answer);
  }
  await workbench.quickInput.waitFor({ state: 'hidden' });
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
