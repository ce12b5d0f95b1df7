/**
 * The user of a test: reads messages, presses their buttons, and answers picks and input
 * boxes. Stands in for VS Code's own window functions while a test runs.
 */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { eventually } from '../helper/eventually.ts';

export interface ShownMessage {
  readonly severity: 'info' | 'warning' | 'error';
  readonly text: string;
  /** Of a modal one; empty otherwise. */
  readonly detail: string;
  readonly buttons: readonly string[];
  /** Presses a button of it. */
  readonly press: (button: string) => void;
  /** Closes it without pressing any. */
  readonly close: () => void;
}

type Answer =
  /** The first item with such a label, and such a description where that is given. */
  (
    | { readonly pick: RegExp; readonly where?: RegExp }
    | { readonly type: string }
    /** Chooses a file in the dialog to open, or to save. */
    | { readonly open: string }
    | { readonly save: string }
  ) & {
    /** Done before the answer is given. */
    readonly first?: () => void;
  };

const replaced = [
  'showInformationMessage',
  'showWarningMessage',
  'showErrorMessage',
  'showQuickPick',
  'showInputBox',
  'showOpenDialog',
  'showSaveDialog',
] as const;

export class UserAtKeyboard {
  readonly messages: ShownMessage[] = [];
  /** What picks and input boxes asked, in order. */
  readonly questions: string[] = [];
  private readonly answers: Answer[] = [];
  private readonly window = vscode.window as unknown as Record<(typeof replaced)[number], unknown>;
  private readonly originals = replaced.map((name) => [name, this.window[name]] as const);

  /** Sits down: from now on nothing reaches the real window. */
  constructor() {
    this.window.showInformationMessage = this.reader('info');
    this.window.showWarningMessage = this.reader('warning');
    this.window.showErrorMessage = this.reader('error');
    this.window.showQuickPick = (
      items: readonly vscode.QuickPickItem[],
      options: vscode.QuickPickOptions = {},
    ) => this.pick(items, options);
    this.window.showInputBox = (options: vscode.InputBoxOptions) => this.type(options);
    this.window.showOpenDialog = () => this.open();
    this.window.showSaveDialog = () => this.save();
  }

  /** Answers to the picks and input boxes to come, in their order. Each further one is cancelled. */
  will(...answers: Answer[]): void {
    this.answers.push(...answers);
  }

  /** Waits for a message and takes it. */
  async reads(text: RegExp): Promise<ShownMessage> {
    const found = await eventually(`a message like ${text}`, () =>
      this.messages.find((message) => text.test(message.text)),
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}; there were: ${JSON.stringify(this.messages)}`);
    });
    this.messages.splice(this.messages.indexOf(found), 1);
    return found;
  }

  /** Gives the window back. */
  leave(): void {
    for (const [name, original] of this.originals) {
      this.window[name] = original;
    }
    assert.deepEqual(this.answers, [], 'every answer was asked for');
  }

  private reader(severity: ShownMessage['severity']) {
    return (text: string, ...rest: (vscode.MessageOptions | vscode.MessageItem)[]) =>
      new Promise<vscode.MessageItem | undefined>((resolve) => {
        const actions = rest.filter((item) => 'title' in item);
        const press = (button: string): void => {
          const action = actions.find(({ title }) => title === button);
          assert.ok(action, `${button} is a button of "${text}"`);
          resolve(action);
        };
        const close = (): void => resolve(undefined);
        const [detail = ''] = rest.map((item) => ('detail' in item ? item.detail : undefined));
        const buttons = actions.map(({ title }) => title);
        this.messages.push({ severity, text, detail, buttons, press, close });
      });
  }

  /** The next answer, which must be of this kind; undefined leaves the question. */
  private next<Kind extends 'pick' | 'type' | 'open' | 'save'>(
    kind: Kind,
    question: string,
  ): Extract<Answer, Record<Kind, unknown>> | undefined {
    this.questions.push(question);
    const answer = this.answers.shift();
    if (answer === undefined) {
      return undefined;
    }
    assert.ok(kind in answer, `"${question}" asks to ${kind}, the answer is ${JSON.stringify(answer)}`);
    answer.first?.();
    return answer as Extract<Answer, Record<Kind, unknown>>;
  }

  private pick(
    items: readonly vscode.QuickPickItem[],
    { placeHolder = '', canPickMany = false }: vscode.QuickPickOptions,
  ): Promise<vscode.QuickPickItem | vscode.QuickPickItem[] | undefined> {
    const answer = this.next('pick', placeHolder);
    if (answer === undefined) {
      return Promise.resolve(undefined);
    }
    const picked = items.find(
      ({ label, description = '' }) => answer.pick.test(label) && (answer.where?.test(description) ?? true),
    );
    assert.ok(picked, `${answer.pick} is among ${JSON.stringify(items.map(({ label }) => label))}`);
    return Promise.resolve(canPickMany ? [picked] : picked);
  }

  private async type(options: vscode.InputBoxOptions): Promise<string | undefined> {
    const answer = this.next('type', options.prompt ?? '');
    if (answer === undefined) {
      return undefined;
    }
    const problem = await options.validateInput?.(answer.type);
    assert.ok(problem === undefined || problem === null, `"${answer.type}" is accepted`);
    return answer.type;
  }

  private open(): Promise<vscode.Uri[] | undefined> {
    const answer = this.next('open', 'file dialog');
    return Promise.resolve(answer && [vscode.Uri.file(answer.open)]);
  }

  private save(): Promise<vscode.Uri | undefined> {
    const answer = this.next('save', 'file dialog');
    return Promise.resolve(answer && vscode.Uri.file(answer.save));
  }
}
