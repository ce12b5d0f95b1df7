/** Whether pages can be moved from a place of the target: what the kernel answers with one EINVAL, in sentences. */
import { basePageBytes } from '../abi/uffdAbi.ts';
import { badRange } from '../helperErrors.ts';
import { readMappings } from '../inspect/mappings.ts';
import { Pagemap } from '../inspect/pagemap.ts';

/** Entries of pagemap read at once. */
const entriesAtOnce = 4096;

/**
 * @param source a hex address
 * @throws HelperError badRange
 */
export function refuseMoveSource(
  procRoot: string,
  pid: number,
  { source, allowHoles }: { readonly source: string; readonly allowHoles: boolean },
  destination: number,
  lengthBytes: number,
): void {
  const problem = (text: string) => badRange('action.source', text);
  const start = BigInt(source);
  const end = start + BigInt(lengthBytes);
  if (start % BigInt(basePageBytes) !== 0n) {
    throw problem(`The source ${source} is not page-aligned (${basePageBytes} bytes).`);
  }
  const maps = readMappings(procRoot, pid);
  const from = maps.find((mapping) => start >= mapping.start && start < mapping.end);
  const to = maps.find((mapping) => destination >= mapping.start && destination < mapping.end);
  if (from === undefined) {
    throw problem(`Nothing is mapped at the source ${source}.`);
  }
  if (!from.isAnonymous || !from.permissions.endsWith('p')) {
    throw problem(`The source ${source} is not private anonymous memory, and MOVE takes no other.`);
  }
  if (end > from.end) {
    throw problem(
      `The source reaches beyond its mapping, which ends at 0x${from.end.toString(16)}: MOVE stays inside one.`,
    );
  }
  if (!from.permissions.includes('w')) {
    throw problem(`The source ${source} may not be written, and MOVE takes pages from writable memory only.`);
  }
  if (to !== undefined && to.permissions !== from.permissions) {
    throw problem(
      `The source has other permissions (${from.permissions}) than the destination (${to.permissions}), and MOVE keeps them.`,
    );
  }
  const hole = allowHoles ? undefined : firstHole(procRoot, pid, Number(start), lengthBytes);
  if (hole !== undefined) {
    throw problem(
      `There is no page at 0x${hole.toString(16)} to be moved. Choose a page that is there, or ALLOW_SRC_HOLES.`,
    );
  }
}

/** The first page that is not there; undefined when all are, or that cannot be seen. */
function firstHole(procRoot: string, pid: number, start: number, lengthBytes: number): number | undefined {
  const pagemap = new Pagemap(procRoot, pid);
  try {
    for (let at = start; at < start + lengthBytes; at += entriesAtOnce * basePageBytes) {
      const pages = Math.min(entriesAtOnce, (start + lengthBytes - at) / basePageBytes);
      const hole = pagemap
        .entries(at, pages)
        .findIndex(({ content }) => content === 'none' || content === 'marked');
      if (hole !== -1) {
        return at + hole * basePageBytes;
      }
    }
    return undefined;
  } finally {
    pagemap.close();
  }
}
