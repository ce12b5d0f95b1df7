/** Lines on stdout, whose reader may be slow or go away. */
import type { Writable } from 'node:stream';

/** Lines that wait for a slow reader; beyond it they are counted instead, for serving must not wait. */
const maxQueuedBytes = 64 * 2 ** 20;

export class LineOutput {
  private readonly stream: Writable;
  private readonly lostLine: (lines: number) => string;
  private lostLines = 0;
  private isClosed = false;

  /**
   * @param lostLine says how many lines were left out
   * @param onClosed the reader has gone away (EPIPE), or nothing can be written for another reason
   */
  constructor(
    stream: Writable,
    lostLine: (lines: number) => string,
    onClosed: (error: NodeJS.ErrnoException) => void,
  ) {
    this.stream = stream;
    this.lostLine = lostLine;
    stream.on('error', (error) => {
      if (!this.isClosed) {
        this.isClosed = true;
        onClosed(error);
      }
    });
  }

  write(lines: readonly string[]): void {
    if (this.isClosed || lines.length === 0) {
      return;
    }
    if (this.stream.writableLength > maxQueuedBytes) {
      this.lostLines += lines.length;
      return;
    }
    const lost = this.lostLines === 0 ? [] : [this.lostLine(this.lostLines)];
    this.lostLines = 0;
    this.stream.write(`${[...lost, ...lines].join('\n')}\n`);
  }

  /** Resolves when everything has been written, or nobody reads any more. */
  async flush(): Promise<void> {
    if (!this.isClosed) {
      await new Promise<void>((resolve) => {
        this.stream.once('error', () => resolve());
        this.stream.write('', () => resolve());
      });
    }
  }
}
