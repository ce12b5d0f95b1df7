/**
 * Lines of JSON between the helper and its guardian. The guardian says hello once, then
 * answers requests in order.
 */

/** Descriptor number of the pipe in the guardian. */
export const guardianPipe = 3;

export interface GuardianHello {
  readonly pid: number;
}

/** `hold` duplicates the helper's descriptor `fd` under a name of its own; `release` closes that. */
export type GuardianRequest =
  | { readonly do: 'hold'; readonly holdId: number; readonly fd: number }
  | { readonly do: 'release'; readonly holdId: number };

export interface GuardianReply {
  readonly holdId: number;
  /** Why it could not be done. */
  readonly error?: string;
}
