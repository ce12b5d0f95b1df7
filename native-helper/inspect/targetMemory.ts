/** The target's memory as it is, through /proc/PID/mem: any other way would raise a fault on a missing page. */
import { closeSync, openSync, readSync } from 'node:fs';
import { memoryUnreadable } from '../helperErrors.ts';
import { procRoot } from './procFile.ts';

/**
 * Bytes of a process's memory.
 * @param field the request's field that names the address, for the error
 * @throws HelperError memoryUnreadable, naming the first byte that cannot be read
 */
export function readTargetMemory(
  pid: number,
  address: bigint,
  lengthBytes: number,
  field = 'address',
): Uint8Array {
  if (pid === 0) {
    throw memoryUnreadable(
      'It is not known which process this memory belongs to, so it cannot be read.',
      field,
    );
  }
  const bytes = new Uint8Array(lengthBytes);
  let doneBytes = 0;
  let mem: number | undefined;
  try {
    mem = openSync(`${procRoot}/${pid}/mem`, 'r');
    while (doneBytes < lengthBytes) {
      const count = readSync(mem, bytes, doneBytes, lengthBytes - doneBytes, address + BigInt(doneBytes));
      if (count === 0) {
        throw memoryUnreadable(`Process ${pid} has ended or replaced its memory.`, field);
      }
      doneBytes += count;
    }
    return bytes;
  } catch (error) {
    throw unreadable(error, pid, address + BigInt(doneBytes), field);
  } finally {
    if (mem !== undefined) {
      closeSync(mem);
    }
  }
}

function unreadable(error: unknown, pid: number, address: bigint, field: string): unknown {
  const at = `0x${address.toString(16)}`;
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EIO':
    case 'EFAULT':
    // Beyond what a file position can be: no address of a process.
    case 'ERR_OUT_OF_RANGE':
      return memoryUnreadable(
        `The memory at ${at} cannot be read: its page is missing, or nothing is mapped there. Provide the page first.`,
        field,
      );
    case 'EACCES':
    case 'EPERM':
      return memoryUnreadable(`Not permitted to read the memory of process ${pid}.`, field);
    case 'ENOENT':
    case 'ESRCH':
      return memoryUnreadable(`Process ${pid} has ended.`, field);
    default:
      return error;
  }
}
