/**
 * UFFDIO_MOVE as the reader thread sees it: the main thread has a thread of the target do it, and
 * this one stands still meanwhile, so that the log tells what happened in its order. Faults queue
 * up in the kernel, as always while nobody reads.
 */
import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { Control, type MoveAnswer, type MoveOrder, type ReaderMessage } from './readerProtocol.ts';

/** How often the stop mark is looked at while the main thread is busy. */
const lookIntervalMs = 20;

export class TargetMoves {
  private readonly control: Int32Array;
  private readonly answers: MessagePort;
  private readonly post: (message: ReaderMessage) => void;

  /** @param answers where the main thread puts a `MoveAnswer` before it sets `Control.moved` */
  constructor(control: Int32Array, answers: MessagePort, post: (message: ReaderMessage) => void) {
    this.control = control;
    this.answers = answers;
    this.post = post;
  }

  move(order: MoveOrder): MoveAnswer {
    const { control } = this;
    Atomics.store(control, Control.moved, 0);
    this.post({ kind: 'move', order });
    while (Atomics.wait(control, Control.moved, 0, lookIntervalMs) === 'timed-out') {
      if (Atomics.load(control, Control.stop) !== 0) {
        return { refusal: 'The session is ending.' };
      }
    }
    return receiveMessageOnPort(this.answers)!.message as MoveAnswer;
  }
}
