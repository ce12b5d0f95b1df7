/**
 * host-stream: a program that faults 100,000 times a second for half a minute, served by a rule, whose
 * faults go from the helper through the extension host into the timeline of a real VS Code. What the page
 * shows is held against what the program says that it has touched.
 */
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { formatRules } from '../../native-helper/rules/parseRules.ts';
import { eventually } from '../helper/eventually.ts';
import { Fixture } from '../helper/fixture.ts';
import type { TargetProcess } from '../helper/targetProcess.ts';
import { launchChromium } from '../workbench/chromium.ts';
import { startCodeServer } from '../workbench/codeServer.ts';
import { makeDemoWorkspace } from '../workbench/demoWorkspace.ts';
import { rootFolder } from '../workbench/paths.ts';
import { WorkbenchPage } from '../workbench/workbenchPage.ts';
import { measurement, type Measure } from './measurement.ts';
import { cpuMs, ownMegabytes } from './processCost.ts';
import { extensionHostPid, startedWith } from './startedProcesses.ts';

const askedPerSecond = 100_000;
const seconds = 30;
const threads = 4;
/** One round takes some 40 ms, so that faults come evenly. */
const pagesPerRound = 4096;
const roundsAhead = 4;
const catchUpLimitMs = 60_000;
const allCores = 100 * availableParallelism();

export const hostStream: Measure = async () => {
  const fixture = new Fixture();
  const options = ['--threads', `${threads}`, '--pages', `${pagesPerRound / threads}`];
  const target = await fixture.target('storm', ...options);
  const folder = await makeDemoWorkspace();
  const rulesFile = path.join(folder, 'rules.json');
  await writeFile(rulesFile, formatRules([copyRule]));
  const server = await startCodeServer({ extensionFolders: [rootFolder] });
  const browser = await launchChromium();
  try {
    const workbench = await WorkbenchPage.open(browser, server.pageUrl(folder));
    await workbench.runCommand('Userfaultfd: Import Rules');
    await workbench.answer(rulesFile, null);
    await workbench.notifications.filter({ hasText: 'The fault rules are now' }).waitFor();
    await workbench.runCommand('Userfaultfd: Attach to Process');
    await workbench.isAsked('Choose a process that uses userfaultfd');
    await workbench.answer(String(target.pid), 'storm');
    await workbench.timelineHas('data-session', 'live');
    const shown = async (): Promise<number> => Number(await workbench.timeline.getAttribute('data-faults'));

    const host = await extensionHostPid();
    const parts = new Map([
      ['the program', [target.pid]],
      ['the helper', startedWith('helper.cjs')],
      ['extension host', [host]],
      ['the browser', startedWith('chrom')],
    ]);
    const cpusMs = (): number[] => [...parts.values()].map(sumOfCpuMs);
    const cpusBeforeMs = cpusMs();
    const beganMs = performance.now();
    const faults = await runRounds(target);
    const streamedMs = performance.now() - beganMs;
    const behind = faults - (await shown());
    const cpusAfterMs = cpusMs();
    const megabytes = ownMegabytes(host);
    const missing = await missingAtLast(shown, faults);
    const caughtUpMs = performance.now() - beganMs - streamedMs;

    const perSecond = (faults / streamedMs) * 1000;
    const note = `${seconds} s, ${threads} faulting threads, ${faults} faults`;
    return [
      measurement(perSecond, 'faults/s', askedPerSecond, `reached; ${note}; reference: asked`),
      // A difference, so that it can be 0 without making its ratio meaningless.
      measurement(missing, 'faults', faults, `lost on the way to the page; reference: touched; goal: 0`),
      ...[...parts.keys()].map((part, i) => {
        const percent = (100 * (cpusAfterMs[i]! - cpusBeforeMs[i]!)) / streamedMs;
        return part === 'extension host'
          ? measurement(percent, '% of a core', 50, 'extension host while it streams; reference: goal')
          : measurement(percent, '% of a core', allCores, `${part} meanwhile; reference: all cores`);
      }),
      measurement(
        behind,
        'faults',
        perSecond,
        'that the page was behind as the program ended; reference: a second',
      ),
      measurement(
        caughtUpMs,
        'ms',
        1000,
        'from the program’s end until the page showed all; reference: a second',
      ),
      measurement(
        megabytes,
        'MB',
        1000,
        'own memory of the extension host afterwards; reference: a gigabyte',
      ),
    ];
  } finally {
    await browser.close();
    await server.stop();
    await fixture.stop();
  }
};

function sumOfCpuMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + cpuMs(pid), 0);
}

/**
 * Rounds for so long, each asked for when it is due, or when the machine is slower than that, shortly before
 * the target is ready for it.
 * @returns faults of all rounds, which are over
 */
async function runRounds(target: TargetProcess): Promise<number> {
  const ended = (): number => target.said('round').length;
  const beganMs = performance.now();
  let asked = 0;
  while (performance.now() - beganMs < seconds * 1000) {
    const dueMs = beganMs + (asked * pagesPerRound * 1000) / askedPerSecond;
    await setTimeout(Math.max(0, dueMs - performance.now()));
    await eventually('a round ends', () => asked - ended() < roundsAhead);
    target.send('go');
    asked++;
  }
  await eventually('the last round ends', () => ended() === asked);
  return asked * pagesPerRound;
}

/** Faults that the page does not show when it shows no more of them, or 0 as soon as it shows all. */
async function missingAtLast(shown: () => Promise<number>, faults: number): Promise<number> {
  const deadlineMs = performance.now() + catchUpLimitMs;
  let count = await shown();
  while (count < faults && performance.now() < deadlineMs) {
    count = await shown();
  }
  return faults - count;
}

const copyRule = {
  name: '',
  isEnabled: true,
  match: {},
  action: {
    do: 'resolve',
    action: { ioctl: 'copy', source: { kind: 'fill', byte: 0x63 }, dontWake: false, wp: false },
    lengthPages: 1,
    around: false,
  },
  delayMs: 0,
} as const;
