/** What is wrong with a trace file. Words for people are in extension/messages/traceMessages.ts. */
export type TraceProblem =
  | { readonly kind: 'empty' }
  /** Not Arrow at all. */
  | { readonly kind: 'notArrow' }
  /** Arrow's file format, which has its directory at the end. */
  | { readonly kind: 'arrowFile' }
  /** An Arrow stream that is no trace. */
  | { readonly kind: 'foreign'; readonly detail: string }
  | { readonly kind: 'newer'; readonly version: number }
  /** It ends without its end mark: its recording was killed, or it is being written. */
  | { readonly kind: 'unfinished' }
  /** It ends within a batch. */
  | { readonly kind: 'truncated'; readonly atByte: number }
  | { readonly kind: 'corrupt'; readonly atByte: number; readonly detail: string }
  | { readonly kind: 'cancelled' };

/** Nothing of the file can be shown. */
export class UnreadableTrace extends Error {
  readonly problem: TraceProblem;

  constructor(problem: TraceProblem) {
    super(problem.kind);
    this.problem = problem;
  }
}
