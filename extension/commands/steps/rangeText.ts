/** An address range as people write it. Pure: no VS Code. */
import { hexOf, type AddressRange } from '../pageInput.ts';

/** `0x7f1200000000-0x7f1200001000`, the end exclusive. */
export function rangeText({ start, lengthBytes }: AddressRange): string {
  return `${start}-${hexOf(BigInt(start) + BigInt(lengthBytes))}`;
}
