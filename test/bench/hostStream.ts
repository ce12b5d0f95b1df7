/**
 * host-stream: faults on their way from the helper through the extension host into the timeline of a real
 * VS Code, twice: of a program that is to fault 100,000 times a second and is served by a rule, as far as
 * this machine can fault meanwhile; and 100,000 rows a second of a stand-in for the helper. What the page
 * shows is held against what was touched or sent.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
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
import { measurement, type Measure, type Measurement } from './measurement.ts';
import { cpuMs, ownMegabytes } from './processCost.ts';
import type { SentRows } from './rowSource.ts';
import { extensionHostPid, startedWith } from './startedProcesses.ts';

const askedPerSecond = 100_000;
const seconds = 30;
const threads = 4;
/** One round takes some 40 ms, so that faults come evenly. */
const pagesPerRound = 4096;
const roundsAhead = 4;
const catchUpLimitMs = 60_000;
const allCores = 100 * availableParallelism();

/** Batches of the stand-in, one for each frame. */
const batchMs = 16;
const batchRows = (askedPerSecond * batchMs) / 1000;
const batches = Math.round((seconds * 1000) / batchMs);

/** Where faults come from. */
interface Source {
  /** In the list of processes: what finds it, and what its row says. */
  readonly search: string;
  readonly row: string;
  /** Before the attach. */
  prepare(workbench: WorkbenchPage): Promise<void>;
  /** What takes part beside the extension host and the browser, in words. */
  parts(): ReadonlyMap<string, readonly number[]>;
  /** From the attach until all faults are there. */
  run(): Promise<{ readonly faults: number; readonly inMs: number }>;
  /** In words. */
  readonly note: string;
}

export const hostStream: Measure = async () => [...(await ofProgram()), ...(await ofRows())];

/** Faults of a program, through the helper. */
async function ofProgram(): Promise<Measurement[]> {
  const fixture = new Fixture();
  try {
    const options = ['--threads', `${threads}`, '--pages', `${pagesPerRound / threads}`];
    const target = await fixture.target('storm', ...options);
    const folder = await makeDemoWorkspace();
    const rulesFile = path.join(folder, 'rules.json');
    await writeFile(rulesFile, formatRules([copyRule]));
    return await measured(folder, {
      search: String(target.pid),
      row: 'storm',
      note: `faults of ${threads} threads`,
      prepare: async (workbench) => {
        await workbench.runCommand('Userfaultfd: Import Rules');
        await workbench.answer(rulesFile, null);
        await workbench.notifications.filter({ hasText: 'The fault rules are now' }).waitFor();
      },
      parts: () =>
        new Map([
          ['the program', [target.pid]],
          ['the helper', startedWith('helper.cjs')],
        ]),
      run: () => runRounds(target),
    });
  } finally {
    await fixture.stop();
  }
}

/** Rows of a stand-in for the helper. */
async function ofRows(): Promise<Measurement[]> {
  const folder = await makeDemoWorkspace();
  const nodePath = path.join(folder, 'rowSource');
  const source = path.join(rootFolder, 'test/bench/rowSource.ts');
  // In the place of Node, whose arguments are the helper and its pipe.
  const sent = path.join(folder, 'sent.json');
  const sizes = `--batches=${batches} --batchRows=${batchRows} --batchMs=${batchMs} --sent='${sent}'`;
  await writeFile(nodePath, `#!/bin/sh\nexec '${process.execPath}' '${source}' "$2" ${sizes}\n`, {
    mode: 0o755,
  });
  await mkdir(path.join(folder, '.vscode'));
  await writeFile(
    path.join(folder, '.vscode/settings.json'),
    JSON.stringify({ 'uffd.helper.nodePath': nodePath }),
  );
  return measured(folder, {
    search: 'rowsource',
    row: 'rowsource',
    note: 'rows of a stand-in for the helper',
    prepare: () => Promise.resolve(),
    parts: () => new Map([['the stand-in', startedWith('rowSource.ts')]]),
    run: () =>
      eventually(
        'all rows are sent',
        async () => {
          const text = await readFile(sent, 'utf8').catch(() => '');
          if (text === '') {
            return undefined;
          }
          const { rows, inMs } = JSON.parse(text) as SentRows;
          return { faults: rows, inMs };
        },
        2 * batches * batchMs,
      ),
  });
}

/** What the way into the page of a VS Code in this folder costs. */
async function measured(folder: string, source: Source): Promise<Measurement[]> {
  const server = await startCodeServer({ extensionFolders: [rootFolder] });
  const browser = await launchChromium();
  try {
    const workbench = await WorkbenchPage.open(browser, server.pageUrl(folder));
    await source.prepare(workbench);
    await workbench.runCommand('Userfaultfd: Attach to Process');
    await workbench.isAsked('Choose a process that uses userfaultfd');
    await workbench.answer(source.search, source.row);
    await workbench.timelineHas('data-session', 'live');
    const shown = async (): Promise<number> => Number(await workbench.timeline.getAttribute('data-faults'));

    const host = await extensionHostPid();
    const parts = new Map([
      ...source.parts(),
      ['extension host', [host]],
      ['the browser', startedWith('chrom')],
    ]);
    const cpusMs = (): number[] => [...parts.values()].map(sumOfCpuMs);
    const cpusBeforeMs = cpusMs();
    const beganMs = performance.now();
    const { faults, inMs } = await source.run();
    const streamedMs = performance.now() - beganMs;
    const behind = faults - (await shown());
    const cpusAfterMs = cpusMs();
    const megabytes = ownMegabytes(host);
    const missing = await missingAtLast(shown, faults);
    const caughtUpMs = performance.now() - beganMs - streamedMs;

    const perSecond = (faults / inMs) * 1000;
    const measure = (value: number, unit: string, reference: number, note: string): Measurement =>
      measurement(value, unit, reference, `${source.note}, ${seconds} s: ${note}`);
    return [
      measure(perSecond, 'faults/s', askedPerSecond, `${faults} faults; reference: asked`),
      // A difference, so that it can be 0 without making its ratio meaningless.
      measure(missing, 'faults', faults, 'lost on the way to the page; reference: all; goal: 0'),
      ...[...parts.keys()].map((part, i) => {
        const percent = (100 * (cpusAfterMs[i]! - cpusBeforeMs[i]!)) / streamedMs;
        return part === 'extension host'
          ? measure(percent, '% of a core', 50, 'extension host while it streams; reference: goal')
          : measure(percent, '% of a core', allCores, `${part} meanwhile; reference: all cores`);
      }),
      measure(behind, 'faults', perSecond, 'that the page was behind at the end; reference: a second'),
      measure(caughtUpMs, 'ms', 1000, 'from the end until the page showed all; reference: a second'),
      measure(megabytes, 'MB', 1000, 'own memory of the extension host afterwards; reference: a gigabyte'),
    ];
  } finally {
    await browser.close();
    await server.stop();
  }
}

function sumOfCpuMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + cpuMs(pid), 0);
}

/**
 * Rounds for so long, each asked for when it is due, or when the machine is slower than that, shortly before
 * the target is ready for it.
 * @returns faults of all rounds, which are over, and how long they took
 */
async function runRounds(target: TargetProcess): Promise<{ readonly faults: number; readonly inMs: number }> {
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
  return { faults: asked * pagesPerRound, inMs: performance.now() - beganMs };
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
