/**
 * Where a launched program prints to: a file without a name, which outlives us. A pipe would block the
 * program, or end it by SIGPIPE, once nobody reads it any more.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { punchHole } from '../syscalls/fallocate.ts';

const lookIntervalMs = 50;
const chunkBytes = 64 * 1024;
/** At one look, so that a program that prints all the time leaves time for other work. */
const chunksPerLook = 16;

export class ProgramOutput {
  /** To be the program's standard output and error. */
  readonly fd: number;
  private readonly decoder = new StringDecoder('utf8');
  private readBytes = 0;
  private timer: NodeJS.Timeout | undefined;

  /** @throws Error when there is no place for a file */
  constructor() {
    const file = path.join(tmpdir(), `uffd-output-${randomUUID()}`);
    const { O_RDWR, O_APPEND, O_CREAT, O_EXCL } = constants;
    this.fd = openSync(file, O_RDWR | O_APPEND | O_CREAT | O_EXCL, 0o600);
    unlinkSync(file);
  }

  /** Tells what has been printed, from the beginning on. */
  follow(onText: (text: string) => void): void {
    this.timer = setInterval(() => {
      for (let chunk = 0; chunk < chunksPerLook; chunk++) {
        const text = this.next();
        if (text === undefined) {
          return;
        }
        onText(text);
      }
    }, lookIntervalMs);
    this.timer.unref();
  }

  /** What was printed and not told, all of it. */
  rest(): string {
    let rest = '';
    for (let text = this.next(); text !== undefined; text = this.next()) {
      rest += text;
    }
    return rest + this.decoder.end();
  }

  close(): void {
    clearInterval(this.timer);
    closeSync(this.fd);
  }

  /** The next piece; undefined at the end. What has been read takes no space any more. */
  private next(): string | undefined {
    const bytes = Buffer.allocUnsafe(chunkBytes);
    const lengthBytes = readSync(this.fd, bytes, 0, chunkBytes, this.readBytes);
    if (lengthBytes === 0) {
      // A program that opens /dev/stdout anew truncates it.
      this.readBytes = Math.min(this.readBytes, fstatSync(this.fd).size);
      return undefined;
    }
    punchHole(this.fd, this.readBytes, lengthBytes);
    this.readBytes += lengthBytes;
    return this.decoder.write(bytes.subarray(0, lengthBytes));
  }
}
