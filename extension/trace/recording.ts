/**
 * One session written to a trace file while it goes on. Rows are taken as the history gets them and written as
 * one batch several times a second, so that whatever ends this process loses less than that; what else has
 * changed comes with them, or alone. Pure: no VS Code.
 */
import { open, type FileHandle } from 'node:fs/promises';
import type { RangeDto } from '../../native-helper/protocol/ranges.ts';
import type { ThreadDto } from '../../native-helper/protocol/session.ts';
import { allocateRows, copyRows, type EventRows } from '../../native-helper/log/eventRows.ts';
import { rowCount, unpackRows } from '../../native-helper/log/packedRows.ts';
import type { CodeDto } from '../../webview/protocol.ts';
import type { TraceEncoder } from './format/traceEncoder.ts';
import { hasUpdate, type TraceHeader, type TraceUpdate } from './format/traceHeader.ts';

/** At most so long after it came is a row in the file. */
const flushMs = 500;
/** Rows of one batch in the file. */
const mostBatchRows = 65_536;
/** Rows that wait to be written: some ten seconds of the fastest targets. */
const mostWaitingRows = 4_000_000;

/** Why a recording stopped by itself. */
export type RecordingFailure =
  | { readonly kind: 'write'; readonly error: NodeJS.ErrnoException }
  /** The file was deleted, alone or with its folder. */
  | { readonly kind: 'gone' }
  /** The disk is slower than the target for too long. */
  | { readonly kind: 'slow'; readonly rows: number };

/** What of a session's present state a recording follows. */
export interface RecordedState {
  /** Only grows. */
  readonly threads: readonly ThreadDto[];
  /** Another list whenever it changes. */
  readonly codes: readonly CodeDto[];
  /** Likewise. */
  readonly ranges: readonly RangeDto[];
}

export class TraceRecording {
  readonly path: string;
  private readonly file: FileHandle;
  private readonly encoder: TraceEncoder;
  private readonly state: RecordedState;
  private readonly onFailure: (failure: RecordingFailure) => void;
  private readonly timer: NodeJS.Timeout;
  private mostWaitingRows = mostWaitingRows;
  /** Packed, as they came. */
  private waiting: ArrayBuffer[] = [];
  private waitingRows = 0;
  private toldThreads: number;
  private toldCodes: readonly CodeDto[];
  private toldRanges: readonly RangeDto[];
  private writtenBytes = 0;
  private rows = 0;
  /** The write that is under way, and those asked for meanwhile. */
  private writing: Promise<void> = Promise.resolve();
  private isWriting = false;
  private failure: RecordingFailure | null = null;
  private isStopped = false;

  private constructor(
    path: string,
    file: FileHandle,
    encoder: TraceEncoder,
    header: TraceHeader,
    state: RecordedState,
    onFailure: (failure: RecordingFailure) => void,
  ) {
    this.path = path;
    this.file = file;
    this.encoder = encoder;
    this.state = state;
    this.onFailure = onFailure;
    this.toldThreads = header.threads.length;
    this.toldCodes = header.codes;
    this.toldRanges = header.session.ranges;
    this.timer = setInterval(() => this.flush(), flushMs);
  }

  /**
   * Makes the file, or empties it.
   * @param state is read again whenever a batch is written
   * @param onFailure called once, when the file is closed; what was written until then is readable
   * @throws what open(2) and write(2) answer
   */
  static async start(
    path: string,
    header: TraceHeader,
    state: RecordedState,
    onFailure: (failure: RecordingFailure) => void,
  ): Promise<TraceRecording> {
    const { TraceEncoder } = await import(/* webpackChunkName: "traceEncoder" */ './format/traceEncoder.ts');
    const encoder = new TraceEncoder(header);
    const file = await open(path, 'w');
    const recording = new TraceRecording(path, file, encoder, header, state, onFailure);
    try {
      await recording.write(encoder.start());
    } catch (error) {
      clearInterval(recording.timer);
      await file.close();
      throw error;
    }
    return recording;
  }

  /** Rows in the file. */
  get writtenRows(): number {
    return this.rows;
  }

  /** Why it stopped by itself; null when it did not. */
  get failed(): RecordingFailure | null {
    return this.failure;
  }

  /** Takes what was before, however much it is. */
  begin(history: readonly ArrayBuffer[]): void {
    const rows = history.reduce((sum, batch) => sum + rowCount(batch), 0);
    this.waiting.push(...history);
    this.waitingRows += rows;
    this.mostWaitingRows += rows;
    this.flush();
  }

  /** Takes a packed batch, which follows on those before. */
  add(batch: ArrayBuffer): void {
    if (this.isStopped || this.failure !== null) {
      return;
    }
    this.waiting.push(batch);
    this.waitingRows += rowCount(batch);
    if (this.waitingRows > this.mostWaitingRows) {
      this.fail({ kind: 'slow', rows: this.waitingRows });
    } else if (this.waitingRows >= mostBatchRows) {
      this.flush();
    }
  }

  /** Writes what is left, with the mark of an ended trace, and closes the file. */
  async stop(): Promise<void> {
    if (this.isStopped) {
      return this.writing;
    }
    this.isStopped = true;
    clearInterval(this.timer);
    await this.writing;
    this.writing = this.finish();
    return this.writing;
  }

  private async finish(): Promise<void> {
    if (this.failure !== null) {
      return;
    }
    try {
      await this.writeWaiting();
      await this.write(this.encoder.end());
      await this.file.close();
    } catch (error) {
      await this.giveUp({ kind: 'write', error: error as NodeJS.ErrnoException });
    }
  }

  private flush(): void {
    if (this.isWriting || this.isStopped || this.failure !== null) {
      return;
    }
    this.isWriting = true;
    this.writing = this.writeWaiting()
      .then(async () => {
        // A deleted file takes writes until it is closed.
        if ((await this.file.stat()).nlink === 0) {
          this.failure = { kind: 'gone' };
        }
        if (this.failure !== null) {
          await this.giveUp(this.failure);
        }
      })
      .catch((error: unknown) => this.giveUp({ kind: 'write', error: error as NodeJS.ErrnoException }))
      .finally(() => {
        this.isWriting = false;
      });
  }

  private async writeWaiting(): Promise<void> {
    while (this.waitingRows > 0 && this.failure === null) {
      const { rows, batches } = this.nextRows();
      await this.write(this.encoder.batch(rows, this.update()));
      this.rows += rows.count;
      this.waiting.splice(0, batches);
      this.waitingRows -= rows.count;
    }
    // The name of an instruction is found after its fault, and maybe no more rows come.
    const update = this.update();
    if (hasUpdate(update) && this.failure === null) {
      await this.write(this.encoder.update(update));
    }
  }

  /** The waiting batches that follow on each other, as many as one batch of the file takes. */
  private nextRows(): { readonly rows: EventRows; readonly batches: number } {
    const parts: EventRows[] = [];
    let count = 0;
    for (const batch of this.waiting) {
      const rows = unpackRows(batch);
      const [first] = parts;
      if (
        first !== undefined &&
        (rows.firstSequence !== first.firstSequence + count || count + rows.count > mostBatchRows)
      ) {
        break;
      }
      parts.push(rows);
      count += rows.count;
    }
    const [first] = parts;
    const joined = parts.length === 1 ? first! : allocateRows(first!.firstSequence, count);
    if (parts.length > 1) {
      let at = 0;
      for (const rows of parts) {
        copyRows(rows, 0, rows.count, joined, at);
        at += rows.count;
      }
    }
    return { rows: joined, batches: parts.length };
  }

  /** What is others since the batch before. */
  private update(): TraceUpdate {
    const { threads, codes, ranges } = this.state;
    const update = {
      ...(threads.length === this.toldThreads ? {} : { threads }),
      ...(codes === this.toldCodes ? {} : { codes }),
      ...(ranges === this.toldRanges ? {} : { ranges }),
    };
    this.toldThreads = threads.length;
    this.toldCodes = codes;
    this.toldRanges = ranges;
    return update;
  }

  private async write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.file.write(
        bytes,
        done,
        bytes.length - done,
        this.writtenBytes + done,
      );
      done += bytesWritten;
    }
    this.writtenBytes += bytes.length;
  }

  private fail(failure: RecordingFailure): void {
    this.failure = failure;
    if (!this.isWriting) {
      void this.giveUp(failure);
    }
  }

  /** Takes back a batch that was written in part, ends the file as well as it can be, and tells why. */
  private async giveUp(failure: RecordingFailure): Promise<void> {
    this.failure = failure;
    clearInterval(this.timer);
    this.waiting = [];
    this.waitingRows = 0;
    try {
      await this.file.truncate(this.writtenBytes);
      await this.write(this.encoder.end());
    } catch {
      // A reader says that it is unfinished, and reads it as far as it goes.
    }
    await this.file.close().catch(() => undefined);
    this.onFailure(failure);
  }
}
