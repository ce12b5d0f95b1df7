/** What each feature of UFFDIO_API means for whoever looks at a userfaultfd. Pure: no VS Code. */
import type { Words } from './words.ts';

const meanings: Readonly<Record<string, string>> = {
  PAGEFAULT_FLAG_WP: 'faults of write-protected pages',
  EVENT_FORK: 'fork raises an event, and the child gets a userfaultfd of its own',
  EVENT_REMAP: 'mremap raises an event and waits until it is read',
  EVENT_REMOVE: 'madvise that drops pages raises an event and waits until it is read',
  MISSING_HUGETLBFS: 'missing pages of huge page memory',
  MISSING_SHMEM: 'missing pages of shared memory',
  EVENT_UNMAP: 'munmap raises an event and waits until it is read',
  SIGBUS: 'a fault is a SIGBUS, not a message: nobody sleeps',
  THREAD_ID: 'messages name the faulting thread',
  MINOR_HUGETLBFS: 'minor faults of huge page memory',
  MINOR_SHMEM: 'minor faults of shared memory',
  EXACT_ADDRESS: 'messages have the exact address, not that of its page',
  WP_HUGETLBFS_SHMEM: 'write protection of huge page and shared memory',
  WP_UNPOPULATED: 'write protection of pages that are not there yet',
  POISON: 'UFFDIO_POISON: touching a page is a SIGBUS',
  WP_ASYNC: 'the kernel resolves write faults itself: only for tracking',
  MOVE: 'UFFDIO_MOVE: pages move without being copied',
};

/** Empty for a feature that is newer than this list. */
export function featureMeaning(feature: string, t: Words): string {
  const meaning = meanings[feature];
  return meaning === undefined ? '' : t(meaning);
}
