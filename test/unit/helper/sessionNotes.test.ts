import assert from 'node:assert/strict';
import { custodyNotes, resolvingWarnings, sessionNotes } from '../../../native-helper/attach/sessionNotes.ts';
import type { UffdDto } from '../../../native-helper/protocol/processes.ts';

const uffd: UffdDto = {
  fd: 3,
  inode: 77,
  pending: 2,
  total: 2,
  features: ['THREAD_ID'],
  ioctls: [],
  isApiDone: true,
  isBlocking: false,
};
const holder = (pid: number) => ({ pid, fds: [3] });
/** Nobody has a name under this root. */
const noProc = '/nonexistent';

describe('session notes', () => {
  it('are none for a plain uffd of one process', () => {
    const warnings = resolvingWarnings(noProc, 1, uffd, [holder(1)], []);
    assert.deepEqual(sessionNotes(uffd.features, warnings), []);
  });

  it('say what SIGBUS, WP_ASYNC, EVENT_FORK and a missing THREAD_ID mean', () => {
    const notes = sessionNotes(['EVENT_FORK', 'SIGBUS', 'WP_ASYNC', 'MOVE'], []);
    assert.deepEqual(
      notes.map((note) => note.split(':')[0]),
      ['EVENT_FORK', 'SIGBUS mode', 'WP_ASYNC', 'No THREAD_ID'],
    );
    notes.forEach((note) => assert.match(note, /\.$/));
  });

  it('warn when faults had been read before the attach', () => {
    assert.match(
      resolvingWarnings(noProc, 1, { ...uffd, total: 3 }, [holder(1)], [])[0]!,
      /^A handler had read 1 fault .*not resolved it\. Resolving by hand may break it/,
    );
    assert.match(
      resolvingWarnings(noProc, 1, { ...uffd, total: 7 }, [], [])[0]!,
      /read 5 faults .*resolved them/,
    );
  });

  it('warn of every other process that has the uffd open', () => {
    const [one] = resolvingWarnings(noProc, 1, uffd, [holder(1), holder(9)], []);
    assert.match(one!, /^Process 9 .*has this userfaultfd open as well/);
    const [several] = resolvingWarnings(noProc, 1, uffd, [holder(8), holder(1), holder(9)], []);
    assert.match(several!, /^Processes 8 .*, 9 .*have this userfaultfd open as well/);
  });

  it('warn of a frozen handler once, wherever it lives', () => {
    const frozen = (pid: number) => ({ pid, tid: pid + 1, comm: 'handler', syscall: 'poll' });
    const own = resolvingWarnings(noProc, 1, uffd, [holder(1)], [frozen(1)]);
    assert.equal(own.length, 1);
    assert.match(
      own[0]!,
      /^The frozen handler .*may bring the content itself\. Resolving by hand may break it/,
    );
    const other = resolvingWarnings(noProc, 1, uffd, [holder(1), holder(9)], [frozen(9)]);
    assert.equal(other.length, 1);
    assert.match(other[0]!, /^Process 9 /);
  });

  it('explain custody first, and what is not known of a child that was not found', () => {
    const notes = custodyNotes(12, ['THREAD_ID', 'EVENT_FORK']);
    assert.match(notes[0]!, /^Custody: .*cannot be handed back/);
    assert.equal(notes.length, 2);
    assert.match(custodyNotes(0, ['THREAD_ID'])[1]!, /its pid, ranges and thread names are not known/);
  });
});
