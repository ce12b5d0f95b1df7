/** The real machine, for the attach doctor. Whatever a try opens is closed at once. */
import { constants, openSync, closeSync } from 'node:fs';
import { canReadNowait } from './capture/messageReader.ts';
import type { DoctorSystem, Outcome } from './doctor/accessFacts.ts';
import { procRoot } from './inspect/procFile.ts';
import { close } from './syscalls/libc.ts';
import { pidfdGetfd, pidfdOpen } from './syscalls/pidfd.ts';
import { SyscallError } from './syscalls/syscallError.ts';
import { kernelFeatures } from './syscalls/userfaultfd.ts';

/** No process can have a descriptor of this number: the kernel looks for it after it has granted access. */
const noDescriptor = 0x7fffffff;

export const doctorSystem: DoctorSystem = {
  procRoot,
  root: '',
  // Electron's is more than a file.
  nodePath: process.versions['electron'] === undefined ? process.execPath : undefined,
  tryOwnDuplicate: () => outcome(() => withDuplicate(process.pid, 2, () => undefined)),
  tryDuplicate: (pid, fd = noDescriptor) => outcome(() => withDuplicate(pid, fd, () => undefined)),
  tryNowait: (pid, fd) => {
    let canRead: boolean | undefined;
    outcome(() => withDuplicate(pid, fd, (duplicate) => (canRead = canReadNowait(duplicate))));
    return canRead;
  },
  tryUserfaultfd: () => {
    try {
      return { features: kernelFeatures() };
    } catch (error) {
      return { errno: errnoOf(error) };
    }
  },
  tryOpen: (path) => {
    try {
      closeSync(openSync(path, constants.O_RDWR | constants.O_NONBLOCK));
      return undefined;
    } catch (error) {
      return -(error as NodeJS.ErrnoException).errno!;
    }
  },
};

function withDuplicate(pid: number, fd: number, use: (duplicate: number) => void): void {
  const pidfd = pidfdOpen(pid);
  try {
    const duplicate = pidfdGetfd(pidfd, fd);
    try {
      use(duplicate);
    } finally {
      close(duplicate);
    }
  } finally {
    close(pidfd);
  }
}

function outcome(call: () => void): Outcome {
  try {
    call();
    return undefined;
  } catch (error) {
    return errnoOf(error);
  }
}

function errnoOf(error: unknown): number {
  if (error instanceof SyscallError) {
    return error.errno;
  }
  throw error;
}
