/** Sleeping until there is something to do: a message, a request, or the target's end. */
import { poll, read } from '../syscalls/libc.ts';
import type { ReaderData } from './readerProtocol.ts';

const POLLIN = 1;
/** `struct pollfd`: fd i32, events i16, revents i16. */
const pollfdBytes = 8;

export class UffdWait {
  private readonly requestEvent: number;
  private readonly pollsUffd: boolean;
  private readonly fds = new Uint8Array(3 * pollfdBytes);
  private readonly view = new DataView(this.fds.buffer);
  private readonly counter = new Uint8Array(8);

  constructor(data: Pick<ReaderData, 'uffd' | 'pidfd' | 'requestEvent' | 'isBlocking'>) {
    this.requestEvent = data.requestEvent;
    // poll(2) on a blocking uffd answers POLLERR at once and for ever.
    this.pollsUffd = !data.isBlocking;
    [data.requestEvent, data.pidfd, data.uffd].forEach((fd, i) => {
      this.view.setInt32(i * pollfdBytes, fd, true);
      this.view.setInt16(i * pollfdBytes + 4, POLLIN, true);
    });
  }

  /** Sleeps at most `timeoutMs`; `withUffd` says whether a message ends the sleep. */
  until(timeoutMs: number, withUffd: boolean): 'targetExited' | undefined {
    poll(this.fds, withUffd && this.pollsUffd ? 3 : 2, timeoutMs);
    if (this.revents(0) !== 0) {
      read(this.requestEvent, this.counter, this.counter.byteLength);
    }
    return this.revents(1) === 0 ? undefined : 'targetExited';
  }

  /** Its end is known: it ends no sleep any more. */
  forgetTarget(): void {
    this.view.setInt32(pollfdBytes, -1, true);
  }

  private revents(index: number): number {
    return this.view.getInt16(index * pollfdBytes + 6, true);
  }
}
