/** One guardian process as the helper sees it: requests, answers, and its end. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Socket } from 'node:net';
import {
  guardianPipe,
  type GuardianHello,
  type GuardianReply,
  type GuardianRequest,
} from './guardianProtocol.ts';
import { whileTracer } from './namedTracer.ts';

/** A guardian that takes longer guards nothing: it is killed, which makes it be replaced. */
const answerTimeoutMs = 5000;
/** Starting one takes a tenth of a second; a machine that is emulated, swaps or starts cold needs seconds. */
const startTimeoutMs = 20_000;

/**
 * Starts the program behind it in the background and ends, so that the guardian is no
 * descendant of ours: whoever kills the helper by its process tree must not get the
 * guardian too.
 */
const asOrphan = '"$@" &';

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class GuardianChild {
  /** Resolves with why it ended. */
  readonly gone: Promise<string>;
  private readonly pipe: Socket;
  private readonly ready: Promise<void>;
  private readonly waiting: Waiting[] = [];
  /** Undefined until it has said hello. */
  private pid: number | undefined;

  /** @param scriptPath the guardian's program */
  constructor(scriptPath: string) {
    const command = [process.execPath, scriptPath, String(process.pid)];
    const child = spawn('/bin/sh', ['-c', asOrphan, 'sh', ...command], {
      // A session of its own: a signal to the helper's process group does not reach it.
      detached: true,
      // Not stdin: Node closes that when the shell ends.
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    });
    child.unref();
    this.pipe = child.stdio[guardianPipe] as Socket;
    this.pipe.on('error', () => undefined);
    const hello = new Promise<number>((resolve, reject) => {
      const lines = createInterface({ input: this.pipe });
      lines.on('error', () => undefined);
      lines.on('line', (line) => {
        const message = JSON.parse(line) as GuardianHello | GuardianReply;
        if ('pid' in message) {
          resolve(message.pid);
        } else {
          this.settle(message);
        }
      });
      child.once('error', reject);
      this.pipe.once('close', () => reject(new Error('it ended before it was ready')));
    });
    this.ready = hello.then((pid) => {
      this.pid = pid;
    });
    this.ready.catch(() => undefined);
    this.gone = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      this.pipe.once('close', () => resolve('the process ended'));
    });
    void this.gone.then((reason) => {
      for (const { reject } of this.waiting.splice(0)) {
        reject(new Error(reason));
      }
    });
  }

  /** @throws Error why it could not be done, also when the guardian ends meanwhile or does not answer */
  async request(request: GuardianRequest): Promise<void> {
    // One that never says hello is stuck as well.
    await this.within(startTimeoutMs, this.ready);
    await whileTracer(this.pid!, () => this.within(answerTimeoutMs, this.answer(request)));
  }

  private answer(request: GuardianRequest): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.pipe.destroyed) {
        reject(new Error('the process ended'));
        return;
      }
      this.waiting.push({ resolve, reject });
      this.pipe.write(`${JSON.stringify(request)}\n`);
    });
  }

  /** Kills the guardian, which rejects what is waited for, when that takes too long. */
  private async within(limitMs: number, waitedFor: Promise<void>): Promise<void> {
    const timer = setTimeout(() => this.kill(), limitMs);
    try {
      await waitedFor;
    } finally {
      clearTimeout(timer);
    }
  }

  private settle({ error }: GuardianReply): void {
    const waiting = this.waiting.shift();
    if (error === undefined) {
      waiting?.resolve();
    } else {
      waiting?.reject(new Error(error));
    }
  }

  /** Ends a guardian that is stuck; closing the pipe is what makes it count as gone. */
  private kill(): void {
    try {
      if (this.pid !== undefined) {
        process.kill(this.pid, 'SIGKILL');
      }
    } catch {
      // It has just ended by itself.
    }
    this.pipe.destroy();
  }
}
