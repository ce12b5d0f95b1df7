/** A made-up /proc in a temporary directory, removed after each test. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export class ProcTree {
  readonly root = mkdtempSync(join(tmpdir(), 'uffd-proc-'));

  /** @param path relative to the root, such as `7/comm` */
  file(path: string, content: string | Uint8Array): void {
    writeFileSync(this.made(path), content);
  }

  /** A file whose `content` stands at `offset`, as memory does in `7/mem`; zeros before it. */
  sparseFile(path: string, offset: number, content: Uint8Array): void {
    const bytes = new Uint8Array(offset + content.byteLength);
    bytes.set(content, offset);
    writeFileSync(this.made(path), bytes);
  }

  /** A descriptor: where its link points, and its fdinfo. */
  descriptor(pid: number, fd: number, target: string, info: string): void {
    symlinkSync(target, this.made(`${pid}/fd/${fd}`));
    this.file(`${pid}/fdinfo/${fd}`, info);
  }

  uffd(pid: number, fd: number, inode: number): void {
    this.descriptor(pid, fd, 'anon_inode:[userfaultfd]', uffdInfo({ inode }));
  }

  /** An epoll instance that watches `watched`. */
  epoll(pid: number, fd: number, watched: readonly { fd: number; inode: number }[]): void {
    const lines = watched.map(
      ({ fd: tfd, inode }) =>
        `tfd: ${String(tfd).padStart(8)} events:       19 data:                0  pos:0 ino:${inode.toString(16)} sdev:10\n`,
    );
    const info = `pos:\t0\nflags:\t02\nmnt_id:\t17\nino:\t1038\n${lines.join('')}`;
    this.descriptor(pid, fd, 'anon_inode:[eventpoll]', info);
  }

  thread(
    pid: number,
    tid: number,
    comm: string,
    state: { wchan?: string; syscall?: string; stat?: string },
  ): void {
    const task = `${pid}/task/${tid}`;
    this.file(`${task}/comm`, `${comm}\n`);
    this.file(`${task}/wchan`, state.wchan ?? '0');
    this.file(`${task}/syscall`, state.syscall ?? 'running\n');
    this.file(`${task}/stat`, state.stat ?? `${tid} (${comm}) S 1 1\n`);
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }

  private made(path: string): string {
    const full = join(this.root, path);
    mkdirSync(dirname(full), { recursive: true });
    return full;
  }
}

/** fdinfo of a uffd as kernel 6.18 writes it. */
export function uffdInfo({
  flags = '02004000',
  inode = 178229,
  pending = 0,
  total = 0,
  api = '80000100',
} = {}): string {
  return `pos:\t0\nflags:\t${flags}\nmnt_id:\t17\nino:\t${inode}\npending:\t${pending}\ntotal:\t${total}\nAPI:\taa:${api}:80000000000001ff\n`;
}
