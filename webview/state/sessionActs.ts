/** What the user does with one session's faults and ranges: whether an answer is awaited, and the answers there were. */
import type { BatchResultDto, IoctlResultDto } from '../../native-helper/protocol/ioctls.ts';
import { initialResolveInput, type ResolveInput } from '../model/resolveInput.ts';

/** What was acted on: a fault by its id, several selected faults, or registered ranges. */
export type AnswerSubject = number | 'selection' | 'ranges';

/** What became of one click. */
export interface Answer {
  readonly atNs: number;
  /** Of a batch; null where the results say it all. */
  readonly counts: Pick<BatchResultDto, 'succeeded' | 'failed' | 'undone'> | null;
  readonly results: readonly IoctlResultDto[];
  /** The host's sentence when the request itself was refused. */
  readonly refusal: string | null;
}

export interface BatchProgress {
  readonly done: number;
  readonly total: number;
}

/** Answers kept of each subject. */
const answersKept = 20;

export class SessionActs {
  /** Whether an answer is awaited. */
  isActing = false;
  /** Of the batch whose answer is awaited; null while nothing is known. */
  progress: BatchProgress | null = null;
  /** The part of the form's input that means something in this session only; kept while another one is shown. */
  image: Pick<ResolveInput, 'file' | 'imageBase'> = {
    file: initialResolveInput.file,
    imageBase: initialResolveInput.imageBase,
  };
  private readonly answers = new Map<AnswerSubject, readonly Answer[]>();

  setActing(isActing: boolean): void {
    this.isActing = isActing;
    this.progress = null;
  }

  /** Adds what one request answered about each subject. */
  add(answers: readonly (readonly [AnswerSubject, Answer])[]): void {
    for (const [subject, answer] of answers) {
      this.answers.set(subject, [answer, ...this.of(subject)].slice(0, answersKept));
    }
  }

  /** Answers about a subject, latest first. */
  of(subject: AnswerSubject): readonly Answer[] {
    return this.answers.get(subject) ?? [];
  }
}
