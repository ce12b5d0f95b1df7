/**
 * resolve-roundtrip: click on Resolve in the timeline of a real VS Code → the thread has
 * run on and said what it read. Against the same COPY asked of the helper directly, which
 * is what the way through page and extension host adds to.
 */
import { eventually } from '../helper/eventually.ts';
import { Fixture } from '../helper/fixture.ts';
import type { TargetProcess } from '../helper/targetProcess.ts';
import { launchChromium } from '../workbench/chromium.ts';
import { startCodeServer } from '../workbench/codeServer.ts';
import { makeDemoWorkspace } from '../workbench/demoWorkspace.ts';
import { rootFolder } from '../workbench/paths.ts';
import { WorkbenchPage } from '../workbench/workbenchPage.ts';
import { measurement, percentile, type Measure } from './measurement.ts';

const faults = 40;

/** Resolves with the time when the target has touched `count` pages. */
function touchedAt(target: TargetProcess, count: number): Promise<number> {
  return new Promise((resolve) => {
    const check = (): void => {
      if (target.touched.length >= count) {
        target.process.stdout.off('data', check);
        resolve(performance.now());
      }
    };
    target.process.stdout.on('data', check);
  });
}

async function throughVsCode(fixture: Fixture): Promise<number[]> {
  const target = await fixture.target('missing', '--pages', String(faults + 1));
  const server = await startCodeServer({ extensionFolders: [rootFolder] });
  const browser = await launchChromium();
  try {
    const workbench = await WorkbenchPage.open(browser, server.pageUrl(await makeDemoWorkspace()));
    await workbench.runCommand('Userfaultfd: Attach to Process');
    await workbench.isAsked('Choose a process that uses userfaultfd');
    await workbench.answer(String(target.pid), 'missing');
    await workbench.timelineHas('data-held', 1);
    const submit = workbench.timelineFrame.getByTestId('resolve-submit');
    const timesMs: number[] = [];
    for (let i = 1; i <= faults; i++) {
      await workbench.timelineHas('data-faults', i);
      await workbench.timelineFrame.getByTestId('chart').focus();
      await workbench.page.keyboard.press('n');
      await workbench.timelineHas('data-selected', i);
      const touched = touchedAt(target, i);
      const startMs = performance.now();
      await submit.evaluate((button: HTMLElement) => button.click());
      timesMs.push((await touched) - startMs);
    }
    return timesMs;
  } finally {
    await browser.close();
    await server.stop();
  }
}

async function throughHelper(fixture: Fixture): Promise<number[]> {
  const target = await fixture.target('missing', '--pages', String(faults + 1));
  const helper = await fixture.helper();
  const { sessionId, log } = await helper.attachHolding(target.pid, 1);
  const timesMs: number[] = [];
  for (let i = 1; i <= faults; i++) {
    await eventually('the next fault is held', () => log.open.get(i) !== undefined);
    const touched = touchedAt(target, i);
    const startMs = performance.now();
    await helper.resolve(
      sessionId,
      { faultIds: [i] },
      { ioctl: 'copy', source: { kind: 'fill', byte: i }, dontWake: false, wp: false },
    );
    timesMs.push((await touched) - startMs);
  }
  return timesMs;
}

export const resolveRoundtrip: Measure = async () => {
  const fixture = new Fixture();
  try {
    const direct = percentile(await throughHelper(fixture), 0.95);
    const whole = percentile(await throughVsCode(fixture), 0.95);
    return [measurement(whole, 'ms', direct, 'p95; reference: the helper alone; goal: value ≤ 50 ms')];
  } finally {
    await fixture.stop();
  }
};
