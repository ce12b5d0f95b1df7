/**
 * Reads messages from a uffd without ever blocking and without touching its flags,
 * which it shares with the target's own descriptor.
 */
import { Errno } from '../abi/errnoText.ts';
import { uffdMsgBytes } from '../abi/uffdAbi.ts';
import { addressOf, errno, preadv2, read } from '../syscalls/libc.ts';
import { SyscallError } from '../syscalls/syscallError.ts';

/** Messages read by one call at most. */
export const batchMessages = 64;
const RWF_NOWAIT = 8;

/**
 * Whether the kernel reads a uffd with RWF_NOWAIT (6.10 and newer). Consumes nothing: a
 * buffer shorter than a message answers EINVAL where it does, EOPNOTSUPP where it does not.
 */
export function canReadNowait(uffd: number): boolean {
  return (
    preadv2(uffd, iovecOf(new Uint8Array(new ArrayBuffer(1))), 1, -1, RWF_NOWAIT) !== -1 ||
    errno() !== Errno.EOPNOTSUPP
  );
}

export class MessageReader {
  /** The messages last read. */
  readonly messages = new DataView(new ArrayBuffer(batchMessages * uffdMsgBytes));
  private readonly bytes = new Uint8Array(this.messages.buffer);
  private readonly uffd: number;
  private readonly useNowait: boolean;
  private readonly iovec = iovecOf(this.bytes);

  /** @param useNowait what `canReadNowait` said; if false the uffd must be O_NONBLOCK */
  constructor(uffd: number, useNowait: boolean) {
    this.uffd = uffd;
    this.useNowait = useNowait;
  }

  /**
   * Reads what is queued, at most 64 messages, into `messages`.
   * @returns how many
   * @throws SyscallError when the descriptor cannot be read any more
   */
  read(): number {
    const lengthBytes = this.useNowait
      ? preadv2(this.uffd, this.iovec, 1, -1, RWF_NOWAIT)
      : read(this.uffd, this.bytes, this.bytes.byteLength);
    if (lengthBytes === -1) {
      const error = errno();
      if (error === Errno.EAGAIN || error === Errno.EINTR) {
        return 0;
      }
      throw new SyscallError('read of the userfaultfd', error);
    }
    return lengthBytes / uffdMsgBytes;
  }
}

/** A `struct iovec` for `buffer`, which must stay referenced as long as it is used. */
function iovecOf(buffer: Uint8Array): Uint8Array {
  const fields = new BigUint64Array([addressOf(buffer), BigInt(buffer.byteLength)]);
  return new Uint8Array(fields.buffer);
}
