/** The tracing of one launched program, as the helper's main thread sees it. */
import { Worker } from 'node:worker_threads';
import { TracerOrder, type TracerData, type TracerMessage } from './tracerProtocol.ts';

/** A uffd that is about to be used; the program stands still. */
export interface Captured {
  readonly pid: number;
  readonly fd: number;
}

type Told<Kind extends TracerMessage['kind']> = Extract<TracerMessage, { kind: Kind }>;

export class LaunchTrace {
  private readonly control = new Int32Array(new SharedArrayBuffer(4));
  /** Resolves once the process is traced. @throws Error why it cannot be */
  readonly traced: Promise<void>;
  /** Whether the process has become the program; false when it ended before. */
  readonly executed: Promise<boolean>;
  /** The uffd to take over; undefined when tracing has ended without one. */
  readonly captured: Promise<Captured | undefined>;

  /**
   * @param scriptUrl the tracer thread's program
   * @param pid what to trace: a descendant of this process, and no child that Node waits for
   */
  constructor(scriptUrl: URL, pid: number) {
    const workerData: TracerData = { pid, control: this.control.buffer };
    const worker = new Worker(scriptUrl, { workerData });
    worker.unref();
    /** The message of that kind, or the last one when it does not come. */
    const told = <Kind extends TracerMessage['kind']>(kind: Kind): Promise<Told<Kind> | Told<'ended'>> =>
      new Promise((resolve) => {
        worker.on('message', (message: TracerMessage) => {
          if (message.kind === kind || message.kind === 'ended') {
            resolve(message as Told<Kind> | Told<'ended'>);
          }
        });
        worker.on('error', (error) => resolve({ kind: 'ended', problem: String(error) }));
        worker.on('exit', () => resolve({ kind: 'ended', problem: 'the tracer thread ended' }));
      });
    this.traced = told('traced').then((message) => {
      if (message.kind === 'ended') {
        throw new Error(message.problem);
      }
    });
    this.executed = told('executed').then(({ kind }) => kind === 'executed');
    this.captured = told('captured').then((message) => {
      if (message.kind === 'ended' && message.problem !== '') {
        throw new Error(`Tracing the program failed: ${message.problem}. It runs on.`);
      }
      return message.kind === 'captured' ? message : undefined;
    });
    // Awaited where an attach is asked for; until then a failure is not an unhandled one.
    this.captured.catch(() => undefined);
  }

  /** Lets the program go on after the take over. */
  goOn(): void {
    this.tell(TracerOrder.goOn);
  }

  /** Lets every thread go. Harmless when tracing has ended. */
  end(): void {
    this.tell(TracerOrder.end);
  }

  private tell(order: number): void {
    if (order > Atomics.load(this.control, 0)) {
      Atomics.store(this.control, 0, order);
      Atomics.notify(this.control, 0);
    }
  }
}
