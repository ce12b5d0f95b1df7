/** The programs this window has launched, and the output channel that they print to. */
import * as vscode from 'vscode';
import {
  LaunchDidExitNotification,
  LaunchDidPrintNotification,
  LaunchStopRequest,
  type ProgramDto,
} from '../../native-helper/protocol/launch.ts';
import { DisposableStore, type Disposable } from '../disposableStore.ts';
import type { HelperClient } from '../helper/helperClient.ts';

export interface LaunchedProgram {
  readonly launchId: number;
  readonly pid: number;
  /** Its file's name. */
  readonly name: string;
  /** It was asked to end, and has not done so yet. */
  isStopping: boolean;
}

export class LaunchedPrograms implements Disposable {
  private readonly helper: HelperClient;
  private readonly store = new DisposableStore();
  private readonly output = this.store.add(vscode.window.createOutputChannel('Userfaultfd Program'));
  private readonly programs = new Map<number, LaunchedProgram>();

  constructor(helper: HelperClient) {
    this.helper = helper;
    this.store.add(helper.onNotification(LaunchDidPrintNotification, ({ text }) => this.output.append(text)));
    this.store.add(
      helper.onNotification(LaunchDidExitNotification, ({ launchId, how }) => {
        const program = this.programs.get(launchId);
        this.programs.delete(launchId);
        if (program !== undefined) {
          this.say(vscode.l10n.t('{0} ({1}) ended: {2}.', program.name, program.pid, how));
        }
      }),
    );
    this.store.add(helper.onDidFail(() => this.forgetAll()));
    this.store.add(helper.onDidStop(() => this.forgetAll()));
  }

  /** Those that run, oldest first. */
  get running(): LaunchedProgram[] {
    return [...this.programs.values()];
  }

  /** @throws HelperRefusal programNotStarted, HelperGone */
  async start(program: ProgramDto): Promise<LaunchedProgram> {
    const { launchId, pid } = await this.helper.launch(program);
    const name = program.program.slice(program.program.lastIndexOf('/') + 1);
    const launched = { launchId, pid, name, isStopping: false };
    this.programs.set(launchId, launched);
    this.say(vscode.l10n.t('{0} runs as pid {1}.', [program.program, ...program.args].join(' '), pid));
    this.output.show(true);
    return launched;
  }

  /** Asks a program to end; asked again, the kernel ends it. @throws HelperRefusal, HelperGone */
  async stop(program: LaunchedProgram): Promise<void> {
    const force = program.isStopping;
    program.isStopping = true;
    await this.helper.request(LaunchStopRequest, { launchId: program.launchId, force });
  }

  dispose(): void {
    this.store.dispose();
  }

  private forgetAll(): void {
    for (const { name, pid } of this.programs.values()) {
      this.say(vscode.l10n.t('{0} ({1}) runs on; what it prints is not shown any more.', name, pid));
    }
    this.programs.clear();
  }

  /** A line of ours among the program's. */
  private say(line: string): void {
    this.output.appendLine(`[${line}]`);
  }
}
