/**
 * The guardian process: keeps its own duplicate of every uffd taken over, and wakes all
 * its threads when the helper's pipe closes, whatever killed the helper.
 *
 * `guardian.cjs HELPER_PID`, with the pipe as descriptor 3 (guardianProtocol.ts).
 */
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { guardianName } from '../inspect/debuggerNames.ts';
import { uffdNumbers } from '../inspect/descriptors.ts';
import { procRoot } from '../inspect/procFile.ts';
import { close } from '../syscalls/libc.ts';
import { pidfdGetfd, pidfdOpen } from '../syscalls/pidfd.ts';
import { setThreadName } from '../syscalls/threadName.ts';
import {
  guardianPipe,
  type GuardianHello,
  type GuardianReply,
  type GuardianRequest,
} from './guardianProtocol.ts';
import { wakeAll } from './wakeAll.ts';

const helperPid = Number(process.argv[2]);
const pipe = new Socket({ fd: guardianPipe });
/** Our duplicates by hold. */
const held = new Map<number, number>();

function hold(holdId: number, fd: number): void {
  const pidfd = pidfdOpen(helperPid);
  try {
    held.set(holdId, pidfdGetfd(pidfd, fd));
  } finally {
    close(pidfd);
  }
}

function release(holdId: number): void {
  const duplicate = held.get(holdId);
  held.delete(holdId);
  if (duplicate !== undefined) {
    close(duplicate);
  }
}

function answer(request: GuardianRequest): GuardianReply {
  const { holdId } = request;
  try {
    if (request.do === 'hold') {
      hold(holdId, request.fd);
    } else {
      release(holdId);
    }
    return { holdId };
  } catch (error) {
    return { holdId, error: String(error) };
  }
}

function say(line: GuardianHello | GuardianReply): void {
  pipe.write(`${JSON.stringify(line)}\n`);
}

/**
 * Closes the uffds we were born with: the kernel gives a forked child's to the helper without
 * close-on-exec where its parent's has none, and nobody would close our copy.
 */
function closeInherited(): void {
  const own = uffdNumbers(procRoot, process.pid);
  if ('numbers' in own) {
    own.numbers.forEach((fd) => close(fd));
  }
}

function wakeAllAndExit(): never {
  for (const duplicate of held.values()) {
    wakeAll(duplicate);
  }
  process.exit(0);
}

// What ends the helper must not end its guardian before the pipe says so.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGPIPE'] as const) {
  process.on(signal, () => undefined);
}
// A helper killed with an answer unread resets the pipe: an error, and then the close as ever.
pipe.on('error', () => undefined);
pipe.once('close', wakeAllAndExit);
process.on('uncaughtException', wakeAllAndExit);

setThreadName(guardianName);
closeInherited();
createInterface({ input: pipe })
  .on('line', (line) => say(answer(JSON.parse(line) as GuardianRequest)))
  .on('error', () => undefined);
say({ pid: process.pid });
