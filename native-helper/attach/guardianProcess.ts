/** The helper's side of its guardian: starts it, and replaces it when it dies. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { guardianFailed } from '../helperErrors.ts';
import { prctl } from '../syscalls/libc.ts';
import type { GuardianReply, GuardianRequest } from './guardianProtocol.ts';

/** Lets one named process attach to us where Yama's ptrace_scope is 1; harmless elsewhere. */
const PR_SET_PTRACER = 0x59616d61;

type Child = ChildProcessByStdio<Writable, Readable, null>;

export class GuardianProcess {
  private readonly scriptPath: string;
  private readonly onLost: (reason: string) => void;
  private readonly heldFds = new Set<number>();
  private readonly waiting: ((reply: GuardianReply) => void)[] = [];
  private child: Child | undefined;

  /**
   * @param scriptPath the guardian's program
   * @param onLost called when the guardian died and could not be replaced: whoever holds
   *   faults must hand them back at once
   */
  constructor(scriptPath: string, onLost: (reason: string) => void) {
    this.scriptPath = scriptPath;
    this.onLost = onLost;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Starts the process ahead of need; `hold` would otherwise wait for it. */
  start(): void {
    this.child ??= this.spawnChild();
  }

  /**
   * Makes the guardian duplicate our descriptor `fd`; from then on the hand back is guaranteed.
   * @throws HelperError guardianFailed
   */
  async hold(fd: number): Promise<void> {
    this.start();
    const reply = await this.request({ do: 'hold', fd });
    if (reply.error !== undefined) {
      throw guardianFailed(reply.error);
    }
    this.heldFds.add(fd);
  }

  /** Makes the guardian close its duplicate. Call after the hand back, before closing `fd`. */
  async release(fd: number): Promise<void> {
    if (this.heldFds.delete(fd)) {
      await this.request({ do: 'release', fd });
    }
  }

  private request(request: GuardianRequest): Promise<GuardianReply> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.child?.stdin.write(`${JSON.stringify(request)}\n`);
    });
  }

  private spawnChild(): Child {
    const child = spawn(process.execPath, [this.scriptPath], {
      // A session of its own: a signal to the helper's process group does not reach it.
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    prctl(PR_SET_PTRACER, child.pid ?? 0, 0, 0, 0);
    createInterface({ input: child.stdout }).on('line', (line) =>
      this.waiting.shift()?.(JSON.parse(line) as GuardianReply),
    );
    child.stdin.on('error', () => undefined);
    child.once('error', (error) => this.replace(child, error.message));
    child.once('exit', (code, signal) => this.replace(child, `it ended with ${signal ?? code ?? 'no code'}`));
    child.unref();
    return child;
  }

  /** A guardian that died is replaced at once; while that fails, nobody guards: give up what we hold. */
  private replace(child: Child, reason: string): void {
    if (this.child !== child) {
      return;
    }
    this.child = undefined;
    for (const settle of this.waiting.splice(0)) {
      settle({ fd: -1, error: reason });
    }
    if (this.heldFds.size === 0) {
      return;
    }
    const fds = [...this.heldFds];
    this.heldFds.clear();
    Promise.all(fds.map((fd) => this.hold(fd))).catch(() => this.onLost(reason));
  }
}
