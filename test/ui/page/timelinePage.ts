/** The built timeline page alone in a browser, under its real content security policy. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { type EventRow, rowsFrom } from '../../../native-helper/log/eventRows.ts';
import { packedRows } from '../../../native-helper/log/packedRows.ts';
import type { SessionViewDto } from '../../../webview/protocol.ts';
import type { WheelMode } from '../../../webview/input/keys.ts';
import { timelineHtml } from '../../../extension/timeline/timelineHtml.ts';
import { distFolder } from '../../workbench/paths.ts';
import { installFakeHost } from './fakeHost.ts';
import { bodyClass, type ThemeName, themeVariables } from './themes.ts';

const origin = 'http://timeline.test';
const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.ttf': 'font/ttf',
};

/** A session as the host tells it when the page loads. */
export interface SessionStart {
  readonly view: SessionViewDto;
  readonly rows?: readonly EventRow[];
}

/** How the page looks and behaves by settings that are not its own. */
export interface Look {
  readonly theme?: ThemeName;
  readonly wheel?: WheelMode;
  /** Classes that VS Code gives the body beside that of the theme. */
  readonly bodyClasses?: readonly string[];
  readonly width?: number;
  readonly height?: number;
}

export interface PageStart {
  /** Null when there is no session. */
  readonly view: SessionViewDto | null;
  readonly rows?: readonly EventRow[];
  readonly droppedRows?: number;
  /** Sequence number of the newest row there is, when `rows` are not all. */
  readonly revision?: number;
  /** Packed in base64. */
  readonly overview?: readonly { readonly tid: number; readonly bytes: string }[];
  readonly nowNs?: number;
  /** Sessions that began later; the first one is the current one. */
  readonly others?: readonly SessionStart[];
}

export class TimelinePage {
  readonly page: Page;
  readonly root: Locator;
  /** Whatever the page threw, logged as an error or was refused by its policy. */
  readonly problems: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    this.root = page.locator('uffd-timeline');
  }

  static async open(
    browser: Browser,
    start: PageStart,
    { theme = 'dark', wheel = 'modern', bodyClasses = [], ...size }: Look = {},
  ): Promise<TimelinePage> {
    const viewport = { width: size.width ?? 1280, height: size.height ?? 760 };
    const page = await browser.newPage({ viewport });
    page.setDefaultTimeout(20_000);
    const timeline = new TimelinePage(page);
    page.on('pageerror', (error) => timeline.problems.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') {
        timeline.problems.push(message.text());
      }
    });
    await page.route(`${origin}/**`, async (route) => {
      const name = new URL(route.request().url()).pathname.slice(1);
      await (name === ''
        ? route.fulfill({
            contentType: 'text/html',
            body: pageHtml([bodyClass(theme), ...bodyClasses], wheel),
          })
        : route.fulfill({
            contentType: types[path.extname(name)] ?? 'application/octet-stream',
            body: name === 'theme.css' ? themeCss(theme) : await readFile(path.join(distFolder, name)),
          }));
    });
    await page.addInitScript(installFakeHost);
    const { view, rows = [], droppedRows = 0, revision, overview = [], nowNs = 0, others = [] } = start;
    const first = view === null ? [] : [{ view: { ...view, nowNs }, rows }];
    const snapshot = {
      sessions: [...first, ...others].map((session) => ({
        view: { ...session.view, revision: revision ?? session.rows?.length ?? 0 },
        batches: session.rows === undefined ? [] : [packed(1, session.rows)],
        overview,
        droppedRows,
      })),
      currentId: view?.session.sessionId ?? null,
    };
    await page.addInitScript((given) => {
      window.fakeHost.snapshot = given;
    }, snapshot);
    await page.goto(origin);
    return timeline;
  }

  /** Waits until all of the chart has been drawn once. Before that it has no size, and keys mean little. */
  async isPainted(): Promise<void> {
    // The minimap comes last, and says what it shows.
    await this.page.locator('[data-testid=minimap][aria-valuetext]').waitFor({ state: 'attached' });
  }

  /** Waits until the root element says so. */
  async has(name: string, value: string | number): Promise<void> {
    await this.page.locator(`uffd-timeline[data-${name}="${value}"]`).waitFor({ state: 'attached' });
  }

  byId(testId: string): Locator {
    return this.page.getByTestId(testId);
  }

  async append(
    firstSequence: number,
    rows: readonly EventRow[],
    nowNs: number,
    sessionId = 1,
  ): Promise<void> {
    await this.page.evaluate(([id, batch, after, now]) => window.fakeHost.append(id, batch, after, now), [
      sessionId,
      packed(firstSequence, rows),
      firstSequence - 1,
      nowNs,
    ] as const);
  }

  /** Sends a notification of the host. */
  async notify(method: string, params: unknown): Promise<void> {
    await this.page.evaluate(([m, p]) => window.fakeHost.notify(m, p), [method, params] as const);
  }

  /** Sets what the host answers to a request; a text is an error. */
  async answer(method: string, result: unknown): Promise<void> {
    await this.page.evaluate(
      ([m, r]) => {
        window.fakeHost.answers[m] = r;
      },
      [method, result] as const,
    );
  }

  /** Answers a request that waits for its answer. */
  async respond(method: string, result: unknown): Promise<void> {
    await this.page.evaluate(([m, r]) => window.fakeHost.respond(m, r), [method, result] as const);
  }

  /** Waits until the page has sent a message of this method. */
  async sends(method: string): Promise<void> {
    await this.page.waitForFunction(
      (wanted) => window.fakeHost.received.some((message) => message.method === wanted),
      method,
    );
  }

  /** Parameters of each message of this method that the page has sent. */
  async sent(method: string): Promise<unknown[]> {
    return this.page.evaluate(
      (wanted) => window.fakeHost.received.filter((m) => m.method === wanted).map((m) => m.params),
      method,
    );
  }

  close(): Promise<void> {
    return this.page.close();
  }
}

function packed(firstSequence: number, rows: readonly EventRow[]): string {
  return Buffer.from(packedRows(rowsFrom(firstSequence, rows))).toString('base64');
}

function pageHtml(classes: readonly string[], wheel: WheelMode): string {
  return timelineHtml({
    nonce: 'test',
    cspSource: origin,
    scriptUri: '/timeline.js',
    styleUri: '/timeline.css',
    codiconUri: '/codicon.css',
    title: 'Timeline',
    wheel,
  })
    .replace('</head>', '<link rel="stylesheet" href="/theme.css" /></head>')
    .replace('<body>', `<body class="${classes.join(' ')}">`);
}

function themeCss(theme: ThemeName): string {
  const lines = Object.entries(themeVariables(theme)).map(([name, value]) => `--vscode-${name}: ${value};`);
  return `:root { ${lines.join(' ')} }`;
}
