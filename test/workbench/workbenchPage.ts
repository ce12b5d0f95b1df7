import type { Browser, FrameLocator, Locator, Page } from 'playwright-core';

/** Starting VS Code on a busy machine takes its time; nothing waits this long when all is well. */
const startTimeoutMs = 60_000;
/** The same for what a click or a command brings about. */
const waitTimeoutMs = 45_000;
/** How long something that may never come is waited for before it is tried again. */
const patienceMs = 3000;
/** How long VS Code may take to hand an answer to the extension. */
const takenMs = 10_000;

/** The whole of VS Code in a browser page, driven as a person does. */
export class WorkbenchPage {
  readonly page: Page;
  /** The list or input box at the top of the window. */
  readonly quickInput: Locator;
  readonly quickInputRows: Locator;
  /** Its text field. */
  private readonly input: Locator;
  /** The same, once it has the focus: what is typed earlier goes elsewhere. */
  private readonly focusedInput: Locator;
  readonly notifications: Locator;
  readonly statusBar: Locator;
  /** The document inside the webview, which is two frames deep. */
  readonly timelineFrame: FrameLocator;
  /** Root element of the timeline; its data attributes say what the page shows. */
  readonly timeline: Locator;

  private constructor(page: Page) {
    this.page = page;
    this.quickInput = page.locator('.quick-input-widget:visible');
    this.quickInputRows = this.quickInput.locator('.monaco-list-row');
    this.input = this.quickInput.locator('input.input');
    this.focusedInput = this.quickInput.locator('input:focus');
    this.notifications = page.locator('.notifications-toasts .notification-list-item');
    this.statusBar = page.locator('.part.statusbar');
    this.timelineFrame = page.frameLocator('iframe.webview.ready').frameLocator('iframe');
    this.timeline = this.timelineFrame.locator('uffd-timeline');
  }

  /** Opens the address in a window of its own and waits until VS Code is there. */
  static async open(browser: Browser, url: string): Promise<WorkbenchPage> {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.setDefaultTimeout(waitTimeoutMs);
    const workbench = new WorkbenchPage(page);
    await page.goto(url);
    await workbench.isLoaded();
    return workbench;
  }

  /** Reloads the window by its command, which lets VS Code store its state before. */
  async reload(): Promise<void> {
    const navigated = this.page.waitForEvent('framenavigated', {
      predicate: (frame) => frame === this.page.mainFrame(),
      timeout: 2 * startTimeoutMs,
    });
    await this.runCommand('Developer: Reload Window');
    await navigated;
    await this.isLoaded();
  }

  /** Opens the palette, types the command's title and runs it: by keyboard alone. */
  async runCommand(title: string): Promise<void> {
    await this.findCommand(title, () => this.acceptRow(title));
  }

  /** Opens a trace file by VS Code's dialog. */
  async openTrace(file: string): Promise<void> {
    // Before VS Code has found the extension, the file would open as text.
    await this.findCommand('Userfaultfd: Open Recording', async () => {
      await this.page.keyboard.press('Escape');
      return true;
    });
    await this.runCommand('File: Open File');
    // The dialog puts the folder that it lists first over whatever was typed before.
    await this.page.waitForFunction(
      `document.querySelector('.quick-input-widget input.input').value.endsWith('/')`,
    );
    await this.answer(file, null);
  }

  /** Opens the palette and types the command's title until it is listed and `act` has succeeded. */
  private async findCommand(title: string, act: () => Promise<boolean>): Promise<void> {
    const row = this.quickInputRows.filter({ hasText: title }).first();
    const deadlineMs = Date.now() + startTimeoutMs;
    for (;;) {
      await this.page.keyboard.press('F1');
      // The palette does not learn of commands that extensions add while it is open, and it closes
      // when a page that has just loaded takes the focus.
      if ((await appears(this.focusedInput)) && (await this.typeUntil(title, row)) && (await act())) {
        return;
      }
      if (Date.now() > deadlineMs) {
        throw new Error(`The palette has no command "${title}".`);
      }
      await this.page.keyboard.press('Escape');
    }
  }

  private async typeUntil(text: string, row: Locator): Promise<boolean> {
    await this.page.keyboard.type(text);
    return appears(row);
  }

  /** Types into the open list or input box and accepts it, once the list has a matching row. */
  async answer(text: string, matchingRow: string | null = text): Promise<void> {
    const deadlineMs = Date.now() + startTimeoutMs;
    let isAccepted = false;
    while (!isAccepted || (await this.isStillAsked(text))) {
      if (Date.now() > deadlineMs) {
        throw new Error(`The answer "${text}" was not taken.`);
      }
      await this.input.waitFor();
      if (!(await appears(this.focusedInput))) {
        await this.input.click();
      }
      await this.page.keyboard.press('Control+A');
      await this.page.keyboard.type(text);
      isAccepted = matchingRow === null ? await this.acceptText(text) : await this.acceptRow(matchingRow);
    }
  }

  /** False when part of it went elsewhere: the field had lost the focus. */
  private async acceptText(text: string): Promise<boolean> {
    if ((await this.input.inputValue()) !== text) {
      return false;
    }
    await this.page.keyboard.press('Enter');
    return true;
  }

  /**
   * Whether the question has not taken this text: a page that has just loaded had the focus, or its
   * list was replaced at that moment. An accepted one shows for a moment more while it fades out.
   */
  private async isStillAsked(text: string): Promise<boolean> {
    const isOver = this.page.waitForFunction(
      `![...document.querySelectorAll('.quick-input-widget input.input')]
        .some((input) => input.checkVisibility() && input.value === ${JSON.stringify(text)})`,
      undefined,
      { timeout: takenMs },
    );
    return isOver.then(
      () => false,
      () => true,
    );
  }

  /** Moves down the open list to the row with this text and accepts it. False when the focus was lost. */
  private async acceptRow(text: string): Promise<boolean> {
    await appears(this.quickInputRows.filter({ hasText: text }).first());
    const focusedRow = this.quickInput.locator('.monaco-list-row.focused').filter({ hasText: text });
    for (let row = await this.quickInputRows.count(); row > 0 && !(await focusedRow.isVisible()); row--) {
      await this.page.keyboard.press('ArrowDown');
    }
    if (!(await appears(focusedRow)) || !(await this.focusedInput.isVisible())) {
      return false;
    }
    await this.page.keyboard.press('Enter');
    return true;
  }

  /** Waits until the open list or input box asks this. */
  async isAsked(question: string): Promise<void> {
    const asked = this.quickInput.getByText(question);
    const placeholder = this.quickInput.locator(`input[placeholder*="${question}"]`);
    await asked.or(placeholder).first().waitFor();
  }

  /** Waits until the timeline's root element has the attribute with this value. */
  async timelineHas(attribute: string, value: string | number): Promise<void> {
    await this.timelineFrame.locator(`uffd-timeline[${attribute}="${value}"]`).waitFor();
  }

  private async isLoaded(): Promise<void> {
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: startTimeoutMs });
  }
}

async function appears(locator: Locator): Promise<boolean> {
  return locator.waitFor({ timeout: patienceMs }).then(
    () => true,
    () => false,
  );
}
