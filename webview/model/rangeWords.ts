/** Registered ranges in words. */
import type { RangeDto } from '../../native-helper/protocol/ranges.ts';
import { formatBytes } from './duration.ts';

/** What the memory consists of: `anonymous, private, pages of 4 KiB, 2 MiB in huge pages (THP)`. */
export function memoryInWords({ memory, isShared, pageBytes, thpBytes, backing }: RangeDto): string {
  return [
    memory,
    isShared ? 'shared' : 'private',
    `pages of ${formatBytes(pageBytes)}`,
    ...(thpBytes > 0 ? [`${formatBytes(thpBytes)} in huge pages (THP)`] : []),
    ...(backing === '' ? [] : [backing]),
  ].join(', ');
}

/** Registration modes as the kernel gives them, unknown ones raw. */
export function modesInWords({ modes }: RangeDto): string {
  return modes.length === 0 ? 'no mode' : modes.join(' ');
}

/** Why a range cannot be write-protected by hand; empty when it can. */
export function protectObstacle({ modes }: RangeDto): string {
  return modes.includes('WP') ? '' : 'the range is not registered with WP';
}

/** Why REGISTER cannot have mode MINOR on a range; empty when it can. */
export function minorObstacle({ memory }: RangeDto): string {
  return memory === 'shmem' || memory === 'hugetlb' ? '' : 'only shmem and hugetlb memory has minor faults';
}
