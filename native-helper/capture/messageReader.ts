/**
 * Reads messages from a uffd without ever blocking and without touching its flags,
 * which it shares with the target's own descriptor.
 */
import { Errno } from '../abi/errnoText.ts';
import { uffdMsgBytes } from '../abi/uffdAbi.ts';
import { addressOf, errno, preadv2, readTo } from '../syscalls/libc.ts';
import { SyscallError } from '../syscalls/syscallError.ts';

/** Messages read by one call at most. */
const batchMessages = 64;
const batchBytes = batchMessages * uffdMsgBytes;
/** Messages kept at most until `clear`. */
export const messageCapacity = 2048;
const RWF_NOWAIT = 8;

/**
 * Whether the kernel reads a uffd with RWF_NOWAIT (6.10 and newer). Consumes nothing: a
 * buffer shorter than a message answers EINVAL where it does, EOPNOTSUPP where it does not.
 */
export function canReadNowait(uffd: number): boolean {
  const buffer = new Uint8Array(new ArrayBuffer(1));
  const iovec = new Uint8Array(BigUint64Array.of(addressOf(buffer), 1n).buffer);
  return preadv2(uffd, Number(addressOf(iovec)), 1, -1, RWF_NOWAIT) !== -1 || errno() !== Errno.EOPNOTSUPP;
}

export class MessageReader {
  /** Messages read since the last `clear`, packed. */
  readonly messages = new DataView(new ArrayBuffer(messageCapacity * uffdMsgBytes));
  /** How many they are. */
  count = 0;
  /** By message, when a fault counts as raised, and as read. */
  readonly raisedNs = new Float64Array(messageCapacity);
  readonly readNs = new Float64Array(messageCapacity);
  private readonly uffd: number;
  private readonly useNowait: boolean;
  private readonly address = Number(addressOf(new Uint8Array(this.messages.buffer)));
  /** `struct iovec`, base and length, as little-endian 32-bit words. */
  private readonly iovec = new Uint32Array(BigUint64Array.of(0n, BigInt(batchBytes)).buffer);
  private readonly iovecAddress = Number(addressOf(new Uint8Array(this.iovec.buffer)));
  private isFirstRead = true;

  /**
   * @param useNowait what `canReadNowait` said; if false the uffd must be O_NONBLOCK
   */
  constructor(uffd: number, useNowait: boolean) {
    this.uffd = uffd;
    this.useNowait = useNowait;
  }

  /** No room for another read: `clear` first. */
  get isFull(): boolean {
    return this.count + batchMessages > messageCapacity;
  }

  /**
   * Reads what is queued, at most 64 messages. They carry no time, so a fault counts as raised
   * just before the read that found it: at most one turn of the reader's loop late. Those
   * queued before the first read count as raised at the session's start.
   * @param nowNs when, in nanoseconds since the session's start
   * @returns how many
   * @throws SyscallError when the descriptor cannot be read any more
   */
  read(nowNs: number): number {
    const raisedNs = this.isFirstRead ? 0 : nowNs;
    this.isFirstRead = false;
    const lengthBytes = this.call();
    if (lengthBytes === -1) {
      const error = errno();
      if (error === Errno.EAGAIN || error === Errno.EINTR) {
        return 0;
      }
      throw new SyscallError('read of the userfaultfd', error);
    }
    const from = this.count;
    this.count += lengthBytes / uffdMsgBytes;
    for (let i = from; i < this.count; i++) {
      this.raisedNs[i] = raisedNs;
      this.readNs[i] = nowNs;
    }
    return this.count - from;
  }

  /** Index behind the last of the messages that one call read together with message `from`. */
  endOfRead(from: number): number {
    let end = from + 1;
    while (end < this.count && this.readNs[end] === this.readNs[from]) {
      end++;
    }
    return end;
  }

  /** Forgets the messages. */
  clear(): void {
    this.count = 0;
  }

  private call(): number {
    const address = this.address + this.count * uffdMsgBytes;
    if (!this.useNowait) {
      return readTo(this.uffd, address, batchBytes);
    }
    this.iovec[0] = address;
    this.iovec[1] = address / 2 ** 32;
    return preadv2(this.uffd, this.iovecAddress, 1, -1, RWF_NOWAIT);
  }
}
