/** UFFDIO_REGISTER and UFFDIO_UNREGISTER of a range, by hand. */
import { errnoName, ioctlResultText } from '../abi/errnoText.ts';
import { ioctlsInWords, RegisterModeBit } from '../abi/uffdAbi.ts';
import { badRange } from '../helperErrors.ts';
import type { IoctlResultDto, RegisterMode, RegisterParams } from '../protocol/ioctls.ts';
import { hasFault, wholePages } from './pagePlan.ts';
import type { ActingContext } from './pageWork.ts';
import type { TargetRange, TargetRanges } from './targetRanges.ts';

/**
 * Registers a range in `modes`; none unregister it.
 * @throws HelperError badRange, before anything was done
 */
export function changeRegistration(
  { start: first, lengthBytes, modes }: Omit<RegisterParams, 'sessionId'>,
  { log, ioctls }: ActingContext,
  ranges: TargetRanges,
): IoctlResultDto {
  const { start, end } = wholePages({ start: first, lengthBytes }, '');
  ranges.refresh();
  const before = ranges.overlapping(start, end);
  refuseCutPages(start, end, before);
  const ioctl = modes.length > 0 ? 'register' : 'unregister';
  if (ioctl === 'unregister' && ranges.isKnown && before.length === 0) {
    throw badRange('start', `Nothing is registered in the ${lengthBytes} bytes from ${first} on.`);
  }
  const modeBits = bitsOf(modes);
  const errno =
    ioctl === 'register'
      ? ioctls.register(start, lengthBytes, modeBits)
      : ioctls.unregister(start, lengthBytes);
  const out = ioctl === 'register' && errno === 0 ? ioctls.out : 0n;
  log.append({
    kind: ioctl,
    actor: 'user',
    timeNs: log.nowNs(),
    faultId: 0,
    address: BigInt(start),
    lengthBytes,
    tid: 0,
    flags: BigInt(ioctl === 'register' ? modeBits : commonModes(before)),
    errno,
    out,
  });
  ranges.refresh();
  const doneBytes = errno === 0 ? lengthBytes : 0;
  const leavesAsleep = ioctl === 'unregister' && errno === 0 && hasFault(log.openFaults, start, end);
  return {
    faultId: 0,
    ioctl,
    start: first,
    lengthBytes,
    doneBytes,
    ...(errno === 0 ? {} : { errno: errnoName(errno) }),
    ...(ioctl === 'register' && errno === 0 ? { out: String(out) } : {}),
    text:
      ioctlResultText(ioctl, errno, out, lengthBytes, doneBytes) +
      (ioctl === 'register' && errno === 0 ? ` The range takes ${ioctlsInWords(out).join(', ')}.` : '') +
      (leavesAsleep
        ? ' It woke nobody where MISSING was not registered: threads are left asleep there.'
        : ''),
    offersWake: leavesAsleep,
  };
}

/** @throws HelperError badRange where a huge page would be cut */
function refuseCutPages(start: number, end: number, ranges: readonly TargetRange[]): void {
  for (const range of ranges) {
    for (const edge of [start, end]) {
      if (edge > range.start && edge < range.end && edge % range.pageBytes !== 0) {
        throw badRange(
          edge === start ? 'start' : 'lengthBytes',
          `0x${edge.toString(16)} is inside a page: the range at 0x${range.start.toString(16)} has pages of ${range.pageBytes} bytes.`,
        );
      }
    }
  }
}

/** The modes that all of these ranges have been registered in; 0 when they differ. */
function commonModes(ranges: readonly TargetRange[]): number {
  const bits = ranges.map(({ modes }) => bitsOf(modes));
  return bits.every((mode) => mode === bits[0]) ? (bits[0] ?? 0) : 0;
}

/** Modes as bits, without those that only newer kernels know. */
function bitsOf(modes: readonly string[]): number {
  return modes.reduce(
    (bits, mode) => bits | (mode in RegisterModeBit ? RegisterModeBit[mode as RegisterMode] : 0),
    0,
  );
}
