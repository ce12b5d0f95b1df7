/** Huge pages of 2 MiB for a test: reserved where that is possible, and given back. */
import { readFileSync, writeFileSync } from 'node:fs';

const pool = '/sys/kernel/mm/hugepages/hugepages-2048kB';

function count(name: string): number {
  return Number(readFileSync(`${pool}/${name}`, 'latin1'));
}

function resize(change: number): void {
  writeFileSync(`${pool}/nr_hugepages`, String(Math.max(0, count('nr_hugepages') + change)));
}

/**
 * Makes sure that `needed` huge pages can be mapped.
 * @returns how to give back what was reserved for that, or why there are too few, in words
 */
export function reserveHugePages(needed: number): { giveBack(): void } | { obstacle: string } {
  try {
    const free = () => count('free_hugepages') - count('resv_hugepages');
    if (free() >= needed) {
      return { giveBack: () => undefined };
    }
    if (process.getuid!() !== 0) {
      return { obstacle: 'no free huge pages, and only root may reserve some' };
    }
    const before = count('nr_hugepages');
    resize(needed);
    const got = count('nr_hugepages') - before;
    if (free() >= needed) {
      return { giveBack: () => resize(-got) };
    }
    resize(-got);
    return { obstacle: `the kernel found only ${got} of ${needed} huge pages` };
  } catch (error) {
    return { obstacle: `huge pages of 2 MiB cannot be reserved (${(error as Error).message})` };
  }
}
