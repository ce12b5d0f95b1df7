/** How a request to the helper can fail. Pure: no VS Code. */
import type { ElevationProblem } from './elevationProblem.ts';
import type { HelperProgram } from './helperCommand.ts';
import type { ErrorCause } from '../../native-helper/protocol/errors.ts';

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

/** The helper did not become root. */
export class ElevationFailed extends HelperGone {
  readonly program: HelperProgram;
  readonly problem: ElevationProblem;

  /** @param detail the last line that sudo, pkexec or the helper printed, or the file that is not trusted; may be empty */
  constructor(program: HelperProgram, problem: ElevationProblem, detail: string) {
    super(detail);
    this.name = 'ElevationFailed';
    this.program = program;
    this.problem = problem;
  }
}
