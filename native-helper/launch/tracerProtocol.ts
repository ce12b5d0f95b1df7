/** Contract between the helper's main thread and the thread that traces a launched program. */

/** What the tracer thread is started with. */
export interface TracerData {
  /** The process to trace from now on, with all that it starts. */
  readonly pid: number;
  /** One 32-bit word: a `TracerOrder`. */
  readonly control: SharedArrayBuffer;
}

/** Orders, each later than the one before. */
export const TracerOrder = {
  /** Trace until there is a uffd to take over, and hold the program then. */
  watch: 0,
  /** It has been taken over: let the program go on, but for threads that begin to wait on the uffd. */
  goOn: 1,
  /** Let everything go. */
  end: 2,
} as const;

/** What the tracer thread tells. */
export type TracerMessage =
  | { readonly kind: 'traced' }
  /** The traced process has become the program. */
  | { readonly kind: 'executed' }
  /** The program has a uffd that is about to be used, and stands still until the next order. */
  | { readonly kind: 'captured'; readonly pid: number; readonly fd: number }
  /** Nothing is traced any more; `problem` is empty unless tracing failed. */
  | { readonly kind: 'ended'; readonly problem: string };
