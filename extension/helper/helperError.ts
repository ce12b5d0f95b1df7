/** How a request to the helper can fail. Pure: no VS Code. */
import type { ErrorCause } from '../../native-helper/protocol.ts';

/** The helper refused; the message is its sentence for people. */
export class HelperRefusal extends Error {
  readonly refusal: ErrorCause;

  constructor(sentence: string, refusal: ErrorCause) {
    super(sentence);
    this.name = 'HelperRefusal';
    this.refusal = refusal;
  }
}

/** The helper could not be started, or ended before it answered. */
export class HelperGone extends Error {
  constructor(detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.name = 'HelperGone';
  }
}
