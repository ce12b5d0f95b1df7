import assert from 'node:assert/strict';
import { uffdMsgBytes, UffdEvent } from '../../../native-helper/abi/uffdAbi.ts';
import { FaultingCode } from '../../../native-helper/capture/faultingCode.ts';
import type { MessageReader } from '../../../native-helper/capture/messageReader.ts';
import { ProcTree } from './procTree.ts';

const pid = 7;

/** Messages of a fault of each of these threads. */
function messagesOf(...tids: number[]): Pick<MessageReader, 'messages' | 'count'> {
  const messages = new DataView(new ArrayBuffer(tids.length * uffdMsgBytes));
  tids.forEach((tid, i) => {
    messages.setUint8(i * uffdMsgBytes, UffdEvent.PAGEFAULT);
    messages.setUint32(i * uffdMsgBytes + 24, tid, true);
  });
  return { messages, count: tids.length };
}

const always = (): boolean => true;

describe('the code of a fault', () => {
  let proc: ProcTree;
  let told: bigint[];
  let code: FaultingCode;

  beforeEach(() => {
    proc = new ProcTree();
    told = [];
    code = new FaultingCode(proc.root, pid, (address) => told.push(address));
  });
  afterEach(() => proc.remove());

  const asleep = (tid: number, syscall: string, wchan = 'handle_userfault'): void =>
    proc.thread(pid, tid, 'worker', { wchan, syscall });

  it('is where its thread was, in the program or after a system call', () => {
    asleep(8, '-1 0x7ffc00001000 0x401136\n');
    asleep(9, '0 0x3 0x7f0000001000 0x10 0x0 0x0 0x0 0x7ffc00002000 0x7f1200000010\n');
    code.look(messagesOf(8, 9), 0, always);
    assert.deepEqual([code.of(0), code.of(1)], [0x401136n, 0x7f1200000010n]);
  });

  it('is unknown of a thread that runs, sleeps elsewhere, cannot be seen, or was not named', () => {
    asleep(8, 'running\n');
    asleep(9, '-1 0x7ffc00001000 0x401136\n', 'futex_wait_queue');
    code.look(messagesOf(8, 9, 10, 0), 0, always);
    assert.deepEqual(
      [0, 1, 2, 3].map((i) => code.of(i)),
      [undefined, undefined, undefined, undefined],
    );
    assert.deepEqual(told, []);
  });

  it('is not looked for where something may have woken the thread, nor before the first message', () => {
    [8, 9, 10].forEach((tid) => asleep(tid, '-1 0x7ffc00001000 0x401136\n'));
    code.look(messagesOf(8, 9, 10), 1, (i) => i !== 1);
    assert.deepEqual([code.of(0), code.of(1), code.of(2)], [undefined, undefined, 0x401136n]);
  });

  it('is told of the first time, and forgotten once its message is logged', () => {
    asleep(8, '-1 0x7ffc00001000 0x401136\n');
    asleep(9, '-1 0x7ffc00002000 0x401136\n');
    code.look(messagesOf(8, 9), 0, always);
    assert.deepEqual([code.of(0), code.of(1), told], [0x401136n, 0x401136n, [0x401136n]]);
    code.clear();
    assert.equal(code.of(0), undefined);
  });

  it('is told of for so many places, and known of all', () => {
    for (let n = 0; n < 600; n++) {
      asleep(8, `-1 0x7ffc00001000 0x${(0x401000 + n).toString(16)}\n`);
      code.look(messagesOf(8), 0, always);
      assert.equal(code.of(0), BigInt(0x401000 + n));
      code.clear();
    }
    assert.equal(told.length, 512);
  });
});
