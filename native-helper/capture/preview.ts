/** The bytes that a source would give to a place, as soon as they are there. */
import type { PageSourceDto } from '../protocol/files.ts';
import type { PreviewParams } from '../protocol/hexPreview.ts';
import { copyFromNative } from '../syscalls/libc.ts';
import type { Job, JobState } from './jobs.ts';
import { openSource, unreadable, type PageBytes, type SourceContext } from './pageSource.ts';

export interface PreviewListener {
  onBytes(id: number, bytes: Uint8Array): void;
  onRefused(id: number, error: Error): void;
}

export class Preview implements Job {
  readonly id: number;
  private readonly source: PageSourceDto;
  private readonly start: number;
  private readonly lengthBytes: number;
  private readonly bytes: PageBytes;
  private readonly listener: PreviewListener;

  /** @throws HelperError badRange when the source can never fill the place */
  constructor(
    id: number,
    { source, address, lengthBytes }: Omit<PreviewParams, 'sessionId'>,
    context: SourceContext,
    listener: PreviewListener,
  ) {
    this.id = id;
    this.source = source;
    this.start = Number(address);
    this.lengthBytes = lengthBytes;
    this.bytes = openSource(source, context);
    this.listener = listener;
    this.bytes.check(this.start, lengthBytes);
  }

  work(): JobState {
    const found = this.bytes.find(this.start, 0, this.lengthBytes);
    if (found === 'asked') {
      return 'asked';
    }
    if (typeof found === 'number') {
      const bytes = new Uint8Array(this.lengthBytes);
      copyFromNative(bytes, found, this.lengthBytes);
      this.listener.onBytes(this.id, bytes);
    } else {
      this.listener.onRefused(this.id, unreadable(this.source, found.failure));
    }
    this.bytes.free();
    return 'finished';
  }

  stop(): void {
    this.bytes.free();
    this.listener.onRefused(this.id, unreadable(this.source, 'The preview was stopped.'));
  }
}
