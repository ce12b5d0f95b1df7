/** Lines of JSON between the helper and its guardian; requests are answered in order. */

/** `fd` is the helper's descriptor number. */
export interface GuardianRequest {
  readonly do: 'hold' | 'release';
  readonly fd: number;
}

export interface GuardianReply {
  readonly fd: number;
  /** Why it could not be done. */
  readonly error?: string;
}
