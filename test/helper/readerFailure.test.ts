import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { AttachedUffd } from '../../native-helper/attach/attachedUffd.ts';
import { GuardianPair } from '../../native-helper/attach/guardianPair.ts';
import { pidfdOpen } from '../../native-helper/syscalls/pidfd.ts';
import { holdsUffd } from './targetProcess.ts';

const programs = path.resolve(import.meta.dirname, '../../dist');

describe('a descriptor that cannot be read any more', () => {
  it('ends the session with uffdFailed and the reason, and closes what it had', async () => {
    // No healthy uffd ever fails to be read, so that the reader gets a descriptor that does: a folder's.
    const folder = openSync('/proc', 'r');
    const guardian = new GuardianPair(path.join(programs, 'guardian.cjs'), () => undefined);
    const ended = new Promise<{ reason: string; handedBack: number; detail: string }>((resolve) => {
      const attached = new AttachedUffd(
        1,
        pathToFileURL(path.join(programs, 'readerThread.cjs')),
        { uffd: folder, pidfd: pidfdOpen(process.pid) },
        {
          pid: process.pid,
          fd: folder,
          inode: 1,
          features: ['THREAD_ID'],
          ioctlNames: [],
          warnings: [],
          isCustody: true,
          useNowait: false,
          isBlocking: false,
          startTimeNs: process.hrtime.bigint(),
        },
        guardian,
        {
          onBatch: () => undefined,
          onThread: () => undefined,
          onCode: () => undefined,
          onHits: () => undefined,
          onRuleFailed: () => undefined,
          onRangesChanged: () => undefined,
          onMapChange: () => undefined,
          onLastHolder: () => undefined,
          onForked: () => undefined,
          readFile: () => Promise.reject(new Error('no files')),
          move: () => ({ refusal: 'Nobody is frozen.' }),
          onHandedBack: () => undefined,
          onEnded: (reason, handedBack, detail) => resolve({ reason, handedBack, detail }),
        },
      );
      attached.start().catch(() => undefined);
    });
    const { reason, handedBack, detail } = await ended;
    assert.deepEqual([reason, handedBack], ['uffdFailed', 0]);
    assert.match(detail, /read of the userfaultfd failed with (EISDIR|errno 21)/);
    assert.throws(() => closeSync(folder), /EBADF/);
    assert.equal(holdsUffd(process.pid), false);
  });
});
