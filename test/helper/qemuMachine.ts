/** A QEMU machine (TCG) whose tiny guest never stops changing its memory, spoken to over QMP. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from './eventually.ts';

const memoryMiB = 128;
const pageBytes = 4096;
/** The guest's pages, in its physical memory, and the counter of its rounds. */
const firstPage = 0x100000;
const endOfPages = 0x7000000;
const roundCounter = 0x7000;

/**
 * The guest, a boot sector: without operating system, interrupts or stack it clears the
 * first word of every page from `firstPage` on; then it adds 1 to each, 1 to `roundCounter`, and again.
 */
const bootCode = [
  ['fa', 'cli'],
  ['31c0 8ed8', 'xor ax,ax; mov ds,ax'],
  ['0f0116 707c', 'lgdt [0x7c70]'],
  ['0f20c0 0c01 0f22c0', 'mov eax,cr0; or al,1; mov cr0,eax: protected mode'],
  ['66ea 1a7c0000 0800', 'jmp 0x8:0x7c1a'],
  ['66b81000 8ed8', 'mov ax,0x10; mov ds,ax'],
  ['bf 00001000', 'mov edi,0x100000'],
  ['c707 00000000', 'clear: mov dword [edi],0'],
  ['81c7 00100000', 'add edi,0x1000'],
  ['81ff 00000007', 'cmp edi,0x7000000'],
  ['72ec', 'jb clear'],
  ['bf 00001000', 'round: mov edi,0x100000'],
  ['ff07', 'page: inc dword [edi]'],
  ['81c7 00100000', 'add edi,0x1000'],
  ['81ff 00000007', 'cmp edi,0x7000000'],
  ['72f0', 'jb page'],
  ['ff05 00700000', 'inc dword [0x7000]'],
  ['ebe3', 'jmp round'],
  ['0000', 'to a multiple of 8'],
  ['0000000000000000 ffff0000009acf00 ffff00000092cf00', 'the descriptor table: none, code, data'],
  ['1700 587c0000', 'its size and address'],
]
  .map(([bytes]) => bytes)
  .join('')
  .replaceAll(' ', '');

/** Writes the disk that the guest boots from. */
export function writeBootDisk(file: string): void {
  const disk = Buffer.alloc(1_474_560);
  Buffer.from(bootCode, 'hex').copy(disk);
  disk.writeUInt16LE(0xaa55, 510);
  writeFileSync(file, disk);
}

interface QmpAnswer {
  readonly return?: unknown;
  readonly error?: { readonly desc: string };
}

export class QemuMachine {
  readonly process: ChildProcess;
  private readonly socket: Socket;
  private readonly folder: string;
  private readonly waiting: ((answer: QmpAnswer) => void)[] = [];
  private printed = '';

  private constructor(process: ChildProcess, socket: Socket, folder: string) {
    this.process = process;
    this.socket = socket;
    this.folder = folder;
    for (const stream of [process.stdout!, process.stderr!]) {
      stream.on('data', (text: Buffer) => (this.printed += text.toString()));
    }
    createInterface({ input: socket }).on('line', (line) => {
      const message = JSON.parse(line) as QmpAnswer & { event?: string; QMP?: object };
      if (message.event === undefined && message.QMP === undefined) {
        this.waiting.shift()?.(message);
      }
    });
    socket.on('error', () => undefined);
  }

  /**
   * Starts a machine.
   * @param folder where its sockets and files are; the boot disk is in it
   */
  static async start(
    program: string,
    folder: string,
    name: string,
    ...options: string[]
  ): Promise<QemuMachine> {
    const qmpPath = path.join(folder, `${name}.qmp`);
    const child = spawn(
      program,
      [
        ...['-name', `${name},debug-threads=on`],
        ...['-machine', 'pc,accel=tcg', '-m', `${memoryMiB}M`, '-nodefaults', '-display', 'none'],
        ...['-drive', `file=${path.join(folder, 'boot.img')},if=floppy,format=raw,readonly=on`],
        ...['-qmp', `unix:${qmpPath},server=on,wait=off`],
        ...options,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const socket = await eventuallyConnected(qmpPath, child);
    const machine = new QemuMachine(child, socket, folder);
    await machine.ask('qmp_capabilities');
    return machine;
  }

  get pid(): number {
    return this.process.pid!;
  }

  /** What it printed: errors and warnings. */
  get output(): string {
    return this.printed;
  }

  async ask<T>(command: string, args: object = {}): Promise<T> {
    const answer = await new Promise<QmpAnswer>((resolve) => {
      this.waiting.push(resolve);
      this.socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`);
    });
    assert.equal(answer.error, undefined, `${command}: ${answer.error?.desc}`);
    return answer.return as T;
  }

  async migrationStatus(): Promise<string> {
    return (await this.ask<{ status?: string }>('query-migrate')).status ?? 'none';
  }

  async waitForMigration(status: string): Promise<void> {
    let last = '';
    const deadlineMs = performance.now() + 60_000;
    while (last !== status) {
      last = await this.migrationStatus();
      assert.ok(last !== 'failed' && last !== 'postcopy-paused', `migration ${last}: ${this.output}`);
      assert.ok(performance.now() < deadlineMs, `migration ${last}, not ${status}: ${this.output}`);
    }
  }

  /** Rounds that the guest has done. */
  async rounds(): Promise<number> {
    const [, value] = /: 0x([0-9a-f]+)/.exec(
      await this.ask<string>('human-monitor-command', { 'command-line': `xp /1xw ${roundCounter}` }),
    )!;
    return parseInt(value!, 16);
  }

  /**
   * Stops the guest and reads what it has counted: of every page, in order.
   * In a memory that lost nothing, it is one number up to some page and one less from there on.
   */
  async stopAndReadPages(): Promise<number[]> {
    await this.ask('stop');
    const file = path.join(this.folder, 'pages');
    await this.ask('pmemsave', { val: firstPage, size: endOfPages - firstPage, filename: file });
    const bytes = await readFile(file);
    return Array.from({ length: bytes.length / pageBytes }, (_, page) =>
      bytes.readUInt32LE(page * pageBytes),
    );
  }

  async stop(): Promise<void> {
    this.socket.destroy();
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const exit = once(this.process, 'exit');
      this.process.kill('SIGKILL');
      await exit;
    }
  }
}

async function eventuallyConnected(socketPath: string, child: ChildProcess): Promise<Socket> {
  let connected: Socket | undefined;
  let isTrying = false;
  return eventually('QEMU answers', () => {
    assert.equal(child.exitCode, null, 'QEMU has ended');
    if (!isTrying) {
      isTrying = true;
      const socket = createConnection(socketPath);
      socket.once('connect', () => (connected = socket));
      socket.once('error', () => (isTrying = false));
    }
    return connected;
  });
}
