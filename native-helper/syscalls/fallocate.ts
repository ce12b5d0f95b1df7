/** Giving back the space of what was read of a file. */
import { fallocate } from './libc.ts';

const FALLOC_FL_KEEP_SIZE = 1;
const FALLOC_FL_PUNCH_HOLE = 2;

/** Frees the whole pages within a part of a file, which then read as zeros. Does nothing where a file system cannot. */
export function punchHole(fd: number, offset: number, lengthBytes: number): void {
  fallocate(fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, offset, lengthBytes);
}
