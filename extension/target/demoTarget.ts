/**
 * Demo targets: small programs whose threads touch registered memory.
 * They end when they are stopped, or when their stdin closes because we are gone.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import * as vscode from 'vscode';
import * as v from 'valibot';
import { helperNodePath } from '../configuration.ts';

const readyLine = v.object({ pid: v.number(), fd: v.number(), threads: v.number() });

export interface DemoTarget extends v.InferOutput<typeof readyLine> {
  stop(): void;
}

export class DemoTargets {
  private readonly program: string;
  private readonly log: vscode.LogOutputChannel;
  private readonly targets = new Set<DemoTarget>();

  /** @param program path of dist/demoTarget.cjs */
  constructor(program: string, log: vscode.LogOutputChannel) {
    this.program = program;
    this.log = log;
  }

  /** Those still running, oldest first. */
  get running(): DemoTarget[] {
    return [...this.targets];
  }

  /**
   * Starts one and waits until its threads fault.
   * @throws Error with the reason, when it ends before that
   * @throws CancellationError when `cancellation` stopped it
   */
  async start(hasHandler: boolean, cancellation: vscode.CancellationToken): Promise<DemoTarget> {
    const nodePath = helperNodePath();
    const child = spawn(
      nodePath === '' ? process.execPath : nodePath,
      [this.program, ...(hasHandler ? ['--handler'] : [])],
      { env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' }, stdio: ['pipe', 'pipe', 'pipe'] },
    );
    const stopping = cancellation.onCancellationRequested(() => child.kill());
    const stderr = createInterface({ input: child.stderr });
    stderr.on('line', (line) => this.log.warn(`demo target: ${line}`));
    try {
      const ready = await this.ready(child);
      const target = { ...ready, stop: () => void child.kill() };
      this.targets.add(target);
      child.once('exit', () => this.targets.delete(target));
      return target;
    } catch (error) {
      throw cancellation.isCancellationRequested ? new vscode.CancellationError() : error;
    } finally {
      stopping.dispose();
    }
  }

  /** Stops all of them. */
  dispose(): void {
    this.targets.forEach((target) => target.stop());
  }

  /** The child's first line says that it is ready; later ones go to the log. */
  private ready(child: ChildProcess): Promise<v.InferOutput<typeof readyLine>> {
    return new Promise((resolve, reject) => {
      let lastLine = '';
      child.stderr!.on('data', (text: Buffer) => (lastLine = text.toString().trim() || lastLine));
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        reject(new Error(lastLine || `it ended with ${signal ?? `exit code ${code ?? 0}`}`));
      });
      const lines = createInterface({ input: child.stdout! });
      lines.once('line', (line) => {
        try {
          resolve(v.parse(readyLine, JSON.parse(line)));
        } catch {
          child.kill();
          reject(new Error(`its first line is not what was expected: ${line}`));
        }
        lines.on('line', (later) => this.log.info(`demo target: ${later}`));
      });
    });
  }
}
