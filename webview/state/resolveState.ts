/**
 * What the details pane knows besides the trace: what was typed into the resolve form, what a
 * preflight and the preview found, and what was answered. Part of TimelineState.
 */
import { type BatchResultDto, type IoctlResultDto, type PreflightDto } from '../../native-helper/protocol.ts';
import { initialResolveInput, type ResolveInput } from '../model/resolveInput.ts';

export type ResolveChange = 'form' | 'results' | 'preflight' | 'preview';

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

/** Bytes of one side of the preview: not known yet, known, or why they cannot be shown. */
export interface PreviewSide {
  readonly bytes: Uint8Array | null;
  /** A sentence; null when there is nothing to say. */
  readonly text: string | null;
}
const emptySide: PreviewSide = { bytes: null, text: null };

/** Answers kept of each subject. */
const answersKept = 20;

export class ResolveState {
  input: ResolveInput = initialResolveInput;
  /** Whether an answer is awaited. */
  isActing = false;
  /** Of the batch whose answer is awaited; null while nothing is known. */
  progress: BatchProgress | null = null;
  /** About the selected faults; null until the host has answered. */
  preflight: PreflightDto | null = null;
  /** Why there is no preflight; null when there is one, or none was asked for. */
  preflightRefusal: string | null = null;
  isPreviewOpen = false;
  /** Whether the preview shows as much as it can, not only the first bytes. */
  isPreviewWhole = false;
  /** Counts how often the bytes were asked for anew by hand. */
  previewRound = 0;
  /** What the form's source would give to the selected fault's page. */
  sourceBytes: PreviewSide = emptySide;
  /** What that page holds. */
  pageBytes: PreviewSide = emptySide;
  private readonly answers = new Map<AnswerSubject, readonly Answer[]>();
  private readonly nowNs: () => number;
  private readonly changed: (change: ResolveChange) => void;

  constructor(nowNs: () => number, changed: (change: ResolveChange) => void) {
    this.nowNs = nowNs;
    this.changed = changed;
  }

  /** Forgets what belongs to a session; a file chosen in one is of no use in the next. */
  beginSession(): void {
    this.answers.clear();
    this.isActing = false;
    this.progress = null;
    this.setInput({ ...this.input, file: null, imageBase: null });
    this.setPreflight(null, null);
  }

  setInput(input: ResolveInput): void {
    this.input = input;
    this.changed('form');
  }

  setActing(isActing: boolean): void {
    this.isActing = isActing;
    this.progress = null;
    this.changed('results');
  }

  setProgress(progress: BatchProgress): void {
    this.progress = progress;
    this.changed('results');
  }

  addAnswer(subject: AnswerSubject, answer: Omit<Answer, 'atNs'>): void {
    this.addAnswers([[subject, answer]]);
  }

  /** Adds what one request answered about each subject. */
  addAnswers(answers: readonly (readonly [AnswerSubject, Omit<Answer, 'atNs'>])[]): void {
    const atNs = this.nowNs();
    for (const [subject, answer] of answers) {
      this.answers.set(subject, [{ ...answer, atNs }, ...this.answersOf(subject)].slice(0, answersKept));
    }
    this.changed('results');
  }

  /** Answers about a subject, latest first. */
  answersOf(subject: AnswerSubject): readonly Answer[] {
    return this.answers.get(subject) ?? [];
  }

  setPreflight(preflight: PreflightDto | null, refusal: string | null): void {
    this.preflight = preflight;
    this.preflightRefusal = refusal;
    this.changed('preflight');
  }

  setPreviewShown(isOpen: boolean, isWhole: boolean): void {
    this.isPreviewOpen = isOpen;
    this.isPreviewWhole = isWhole;
    this.changed('preview');
  }

  /** Has both sides of the preview fetched again. */
  fetchPreviewAgain(): void {
    this.previewRound++;
    this.changed('preview');
  }

  setSourceBytes(side: Partial<PreviewSide>): void {
    this.sourceBytes = { ...emptySide, ...side };
    this.changed('preview');
  }

  setPageBytes(side: Partial<PreviewSide>): void {
    this.pageBytes = { ...emptySide, ...side };
    this.changed('preview');
  }
}
