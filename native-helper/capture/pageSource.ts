/** Builds the bytes that a COPY gives to a range. */
import { badRange } from '../helperErrors.ts';
import type { PageSourceDto } from '../protocol.ts';

/**
 * `lengthBytes` bytes of a source.
 * @throws HelperError badRange when given bytes are longer than the range
 */
export function sourceBytes(source: PageSourceDto, lengthBytes: number): Uint8Array {
  const target = Buffer.alloc(lengthBytes);
  if (source.kind === 'fill') {
    return target.fill(source.byte);
  }
  const bytes = Buffer.from(source.bytes, 'base64');
  if (source.kind === 'pattern') {
    return target.fill(bytes);
  }
  if (bytes.byteLength > lengthBytes) {
    throw badRange(
      'action.source.bytes',
      `${bytes.byteLength} bytes were given for a range of ${lengthBytes}. Give fewer bytes or more pages.`,
    );
  }
  bytes.copy(target);
  return target;
}
