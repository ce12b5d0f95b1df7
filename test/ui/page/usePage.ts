/** The built timeline page for the tests of one suite: one browser, one page per test. */
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import type { EventRow } from '../../../native-helper/log/eventRows.ts';
import { launchChromium } from '../../workbench/chromium.ts';
import { liveView, SampleLog } from './sampleTrace.ts';
import { type Look, type PageStart, TimelinePage } from './timelinePage.ts';

export const ms = 1e6;
export const suiteTimeoutMs = 60_000;

/** Three threads: one finished fault and one held, one held, one resolved but asleep. */
export function fourFaults(): EventRow[] {
  const log = new SampleLog();
  const over = { readAfterNs: 5 * ms, resolvedAfterNs: 90 * ms, wakesAtOnce: true };
  log.fault({ tid: 4242, raisedNs: 100 * ms, page: 1, ...over });
  log.fault({ tid: 4242, raisedNs: 500 * ms, page: 2, readAfterNs: 5 * ms });
  log.fault({ tid: 4243, raisedNs: 600 * ms, page: 3, isWrite: true, readAfterNs: 5 * ms });
  log.fault({ tid: 4244, raisedNs: 700 * ms, page: 4, readAfterNs: 5 * ms, resolvedAfterNs: 50 * ms });
  return log.rows();
}

export const endedView = { ...liveView, endText: 'The target exited.', endReason: 'targetExited' } as const;

export interface PageUnderTest {
  /** The page of the test that runs. */
  readonly timeline: TimelinePage;
  /** Opens the page, by default with a live session and `fourFaults`. */
  open(start?: Partial<PageStart>, look?: Look): Promise<void>;
  /** Selects one of `fourFaults` that is open, by keyboard. */
  select(faultId: number): Promise<void>;
}

/** Call inside `describe`. After each test the page must have met no error and no policy refusal. */
export function usePage(): PageUnderTest {
  let browser: Browser;
  let timeline: TimelinePage;

  before(async () => {
    browser = await launchChromium();
  });
  after(() => browser.close());
  afterEach(async () => {
    assert.deepEqual(timeline.problems, [], 'the page met no error and no policy refusal');
    await timeline.close();
  });

  return {
    get timeline() {
      return timeline;
    },
    async open(start = {}, look = {}) {
      const view = { view: liveView, rows: fourFaults(), nowNs: 1000 * ms, ...start };
      timeline = await TimelinePage.open(browser, view, look);
      if (view.view !== null) {
        await timeline.isPainted();
      }
    },
    async select(faultId) {
      const { page, root } = timeline;
      await timeline.byId('chart').focus();
      for (let n = 0; n < 4 && (await root.getAttribute('data-selected')) !== String(faultId); n++) {
        await page.keyboard.press(n === 0 ? 'n' : 'ArrowDown');
      }
      await timeline.has('selected', faultId);
    },
  };
}
