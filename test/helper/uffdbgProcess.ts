/** A real `uffdbg` for a test. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { distFolder } from '../workbench/paths.ts';
import { eventually } from './eventually.ts';
import { guardiansOf } from './guardiansOf.ts';

export const uffdbgProgram = path.join(distFolder, 'uffdbg.cjs');

/** One line of `--json`. */
export interface UffdbgEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

export class UffdbgProcess {
  readonly process: ChildProcessByStdio<null, Readable, Readable>;
  stdout = '';
  stderr = '';

  constructor(...args: string[]) {
    this.process = spawn(process.execPath, [uffdbgProgram, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.process.stdout.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.process.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
  }

  /** Everything it has said with --json, whole lines only; a line that does not parse throws. */
  get events(): UffdbgEvent[] {
    return this.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as UffdbgEvent);
  }

  /** Events of that name, in order. */
  said(name: string): UffdbgEvent[] {
    return this.events.filter(({ event }) => event === name);
  }

  /** Waits until it has said at least `count` events of that name. */
  async saying(name: string, count = 1): Promise<UffdbgEvent[]> {
    return eventually(`uffdbg says ${name} ${count} times`, () => {
      const said = this.said(name);
      return said.length >= count && said;
    });
  }

  /** Its exit code, once its output has been read to the end. */
  async exited(): Promise<number | null> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      await once(this.process, 'close');
    }
    return this.process.exitCode;
  }

  /** Its guardians, which are no children of it. */
  get guardianPids(): number[] {
    return guardiansOf(this.process.pid!);
  }

  async stop(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.exited();
  }
}
