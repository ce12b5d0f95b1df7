/**
 * The guardian process: keeps its own duplicate of every uffd taken over, and wakes all
 * its threads when the helper's pipe closes, whatever killed the helper.
 *
 * Reads lines of JSON on stdin (see guardianProtocol.ts), answers on stdout.
 */
import { createInterface } from 'node:readline';
import { close } from '../syscalls/libc.ts';
import { pidfdGetfd, pidfdOpen } from '../syscalls/pidfd.ts';
import type { GuardianReply, GuardianRequest } from './guardianProtocol.ts';
import { wakeAll } from './wakeAll.ts';

/** Our duplicates by the helper's descriptor number. */
const held = new Map<number, number>();

function hold(fd: number): GuardianReply {
  const pidfd = pidfdOpen(process.ppid);
  try {
    held.set(fd, pidfdGetfd(pidfd, fd));
    return { fd };
  } finally {
    close(pidfd);
  }
}

function release(fd: number): GuardianReply {
  const duplicate = held.get(fd);
  held.delete(fd);
  if (duplicate !== undefined) {
    close(duplicate);
  }
  return { fd };
}

function answer(request: GuardianRequest): GuardianReply {
  try {
    return request.do === 'hold' ? hold(request.fd) : release(request.fd);
  } catch (error) {
    return { fd: request.fd, error: String(error) };
  }
}

// What ends the helper must not end its guardian before the pipe says so.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGPIPE'] as const) {
  process.on(signal, () => undefined);
}
process.stdout.on('error', () => undefined);

createInterface({ input: process.stdin })
  .on('line', (line) =>
    process.stdout.write(`${JSON.stringify(answer(JSON.parse(line) as GuardianRequest))}\n`),
  )
  .on('close', () => {
    for (const duplicate of held.values()) {
      wakeAll(duplicate);
    }
    process.exit(0);
  });
