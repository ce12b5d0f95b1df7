import assert from 'node:assert/strict';
import path from 'node:path';
import { readdirSync, readlinkSync } from 'node:fs';
import { GuardianProcess } from '../../native-helper/attach/guardianProcess.ts';
import { close, fcntl } from '../../native-helper/syscalls/libc.ts';
import { openUserfaultfd } from '../../native-helper/syscalls/userfaultfd.ts';
import { eventually } from './eventually.ts';
import { guardiansOf, killAll } from './guardiansOf.ts';

const F_SETFD = 2;
const program = path.resolve(import.meta.dirname, '../../dist/guardian.cjs');

describe('the guardian', () => {
  const lost: string[] = [];
  const holds: number[] = [];
  let guardian: GuardianProcess;
  let uffd: number;

  async function hold(): Promise<number> {
    const holdId = await guardian.hold(uffd);
    holds.push(holdId);
    return holdId;
  }

  beforeEach(() => {
    lost.length = 0;
    uffd = openUserfaultfd();
    guardian = new GuardianProcess(program, (reason) => lost.push(reason));
  });

  afterEach(async () => {
    // With nothing to hold it is not replaced.
    await Promise.all(holds.splice(0).map((holdId) => guardian.release(holdId)));
    killAll(guardiansOf(process.pid));
    close(uffd);
  });

  it('keeps only what it was asked to hold, though it inherited another', async () => {
    // As a forked child's uffd arrives where its parent's is not close-on-exec.
    fcntl(uffd, F_SETFD, 'int', 0);
    const holdId = await hold();
    const [pid] = guardiansOf(process.pid);
    assert.equal(uffdsOf(pid!), 1);
    await guardian.release(holdId);
    assert.equal(uffdsOf(pid!), 0);
  });

  it('that ends while it is asked is replaced, and the next one holds', async () => {
    await guardian.release(await hold());
    const [first] = guardiansOf(process.pid);
    process.kill(first!, 'SIGSTOP');
    const holding = hold();
    process.kill(first!, 'SIGKILL');
    await holding;
    const next = await eventually('another guardian runs', () =>
      guardiansOf(process.pid).find((pid) => pid !== first),
    );
    assert.equal(uffdsOf(next), 1);
    assert.deepEqual(lost, []);
  });
});

function uffdsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`) === 'anon_inode:[userfaultfd]';
    } catch {
      return false;
    }
  }).length;
}
