/** A real target for a test: a compiled program of test/fixtures/targets. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { parsePlace } from '../../native-helper/inspect/threadFacts.ts';
import { eventually } from './eventually.ts';

const targets = path.resolve(import.meta.dirname, '../../dist/test/targets');

/** A page's first byte as a thread of the target saw it. */
export interface Touched {
  readonly tid: number;
  readonly address: string;
  readonly byte: number;
}

/** One JSON line of a target. */
export interface TargetEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

export class TargetProcess {
  readonly process: ChildProcessByStdio<Writable, Readable, null>;
  readonly events: TargetEvent[] = [];

  private constructor(wrapper: readonly string[], program: string, options: readonly string[]) {
    const [command, ...args] = [...wrapper, path.resolve(targets, program), ...options];
    this.process = spawn(command!, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.process.stdin.on('error', () => undefined);
    createInterface({ input: this.process.stdout }).on('line', (line) =>
      this.events.push(JSON.parse(line) as TargetEvent),
    );
  }

  /**
   * Starts a target and waits until its memory is registered.
   * @param program its name, or the path of a copy
   */
  static start(program: string, ...options: string[]): Promise<TargetProcess> {
    return TargetProcess.startBy([], program, ...options);
  }

  /** The same by a command that becomes the target, such as `setpriv`. */
  static async startBy(
    wrapper: readonly string[],
    program: string,
    ...options: string[]
  ): Promise<TargetProcess> {
    const target = new TargetProcess(wrapper, program, options);
    await eventually(`${program} is ready`, () => target.ready);
    return target;
  }

  get pid(): number {
    return this.process.pid!;
  }

  get ready(): { fd: number; address: bigint; pages: number; pageBytes: number } | undefined {
    const event = this.events.find(({ event }) => event === 'ready');
    return event === undefined
      ? undefined
      : {
          fd: event['fd'] as number,
          address: BigInt(event['address'] as string),
          pages: event['pages'] as number,
          pageBytes: (event['pageBytes'] as number | undefined) ?? 4096,
        };
  }

  get touched(): Touched[] {
    return this.events.filter(({ event }) => event === 'touched') as unknown as Touched[];
  }

  /** Events of that name, in order. */
  said(name: string): TargetEvent[] {
    return this.events.filter(({ event }) => event === name);
  }

  get finished(): number {
    return this.events.filter(({ event }) => event === 'finished').length;
  }

  /** Threads asleep in a fault right now. */
  sleeping(): number[] {
    try {
      return readdirSync(`/proc/${this.pid}/task`)
        .map(Number)
        .filter((tid) => {
          const task = `/proc/${this.pid}/task/${tid}`;
          // Waits until one that has just fallen asleep is off its CPU's queue: before, it has no channel.
          readFileSync(`${task}/syscall`);
          return readFileSync(`${task}/wchan`, 'latin1') === 'handle_userfault';
        });
    } catch {
      return [];
    }
  }

  /** fdinfo of its uffd. */
  fdinfo(): string {
    return readFileSync(`/proc/${this.pid}/fdinfo/${this.ready!.fd}`, 'latin1');
  }

  /** Its memory, which must be present. */
  readMemory(address: bigint, lengthBytes: number): Buffer {
    const fd = openSync(`/proc/${this.pid}/mem`, 'r');
    try {
      const bytes = Buffer.alloc(lengthBytes);
      readSync(fd, bytes, 0, lengthBytes, address);
      return bytes;
    } finally {
      closeSync(fd);
    }
  }

  /** Faults of its uffd as the kernel counts them. */
  faultCounts(): { pending: number; total: number } {
    const info = this.fdinfo();
    return {
      pending: Number(/^pending:\s*(\d+)/m.exec(info)![1]),
      total: Number(/^total:\s*(\d+)/m.exec(info)![1]),
    };
  }

  /** Whether the thread of that name sleeps in a system call. */
  threadSleepsInCall(comm: string): boolean {
    return readdirSync(`/proc/${this.pid}/task`).some(
      (tid) =>
        readFileSync(`/proc/${this.pid}/task/${tid}/comm`, 'latin1').trim() === comm &&
        /^[0-9]/.test(readFileSync(`/proc/${this.pid}/task/${tid}/syscall`, 'latin1')),
    );
  }

  /** How many of its threads sleep in this system call. */
  countInCall(name: string): number {
    return readdirSync(`/proc/${this.pid}/task`).filter((tid) => {
      const place = parsePlace(readFileSync(`/proc/${this.pid}/task/${tid}/syscall`, 'latin1'), process.arch);
      return place.kind === 'syscall' && place.name === name;
    }).length;
  }

  /** Its child, once that sleeps in a system call. */
  childWaitingInCall(): number | undefined {
    const child = Number(readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'latin1'));
    return child > 0 && /^[0-9]/.test(readFileSync(`/proc/${child}/syscall`, 'latin1')) ? child : undefined;
  }

  /** State letter of /proc/PID/stat. */
  state(): string {
    return /\) (\S)/.exec(readFileSync(`/proc/${this.pid}/stat`, 'latin1'))![1]!;
  }

  maps(): string {
    return readFileSync(`/proc/${this.pid}/maps`, 'latin1');
  }

  send(line: string): void {
    this.process.stdin.write(`${line}\n`);
  }

  /** Sends a command that is answered by an event of its own name, and waits for that. */
  async ask(line: string, limitMs?: number): Promise<TargetEvent> {
    const name = line.split(' ', 1)[0]!;
    const before = this.said(name).length;
    this.send(line);
    return eventually(`the target answers "${line}"`, () => this.said(name)[before], limitMs);
  }

  /** Address of a page as requests write it. */
  pageAt(page: number): string {
    const { address, pageBytes } = this.ready!;
    return `0x${(address + BigInt(page * pageBytes)).toString(16)}`;
  }

  /** Waits until `count` threads sleep in a fault. */
  async asleep(count: number): Promise<number[]> {
    return eventually(`${count} threads of ${this.pid} sleep in a fault`, () => {
      const tids = this.sleeping();
      return tids.length === count && tids;
    });
  }

  /** Waits until `count` faults are queued for whoever reads next: none of them has been read. */
  async pending(count: number): Promise<void> {
    await eventually(`${count} faults of ${this.pid} wait for a reader`, () => {
      return this.faultCounts().pending === count;
    });
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const exit = once(this.process, 'exit');
      this.process.kill('SIGKILL');
      await exit;
    }
  }
}

/** Whether a process has a uffd open. */
export function holdsUffd(pid: number): boolean {
  return openFiles(pid).includes('anon_inode:[userfaultfd]');
}

/** What its descriptors are open on; one that is closed meanwhile is left out. */
function openFiles(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).flatMap((fd) => {
      try {
        return [readlinkSync(`${folder}/${fd}`)];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}
