/**
 * What the details pane knows besides the trace: what was typed into the resolve form, what a
 * preflight and the preview found, and what was answered in the current session. Part of TimelineState.
 */
import type { PreflightDto } from '../../native-helper/protocol/preflight.ts';
import { initialResolveInput, type ResolveInput } from '../model/resolveInput.ts';
import { type Answer, type AnswerSubject, type BatchProgress, SessionActs } from './sessionActs.ts';

export type ResolveChange = 'form' | 'results' | 'preflight' | 'preview';

/** Bytes of one side of the preview: not known yet, known, or why they cannot be shown. */
export interface PreviewSide {
  readonly bytes: Uint8Array | null;
  /** A sentence; null when there is nothing to say. */
  readonly text: string | null;
}
const emptySide: PreviewSide = { bytes: null, text: null };

export class ResolveState {
  input: ResolveInput = initialResolveInput;
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
  private acts = new SessionActs();
  private readonly changed: (change: ResolveChange) => void;

  constructor(changed: (change: ResolveChange) => void) {
    this.changed = changed;
  }

  /** Another session is the current one: what was found of its faults is not known yet. */
  show(acts: SessionActs): void {
    const { file, imageBase } = this.input;
    this.acts.image = { file, imageBase };
    this.acts = acts;
    this.setInput({ ...this.input, ...acts.image });
    this.setPreflight(null, null);
  }

  /** Whether an answer is awaited in the current session. */
  get isActing(): boolean {
    return this.acts.isActing;
  }

  /** Of the batch whose answer is awaited; null while nothing is known. */
  get progress(): BatchProgress | null {
    return this.acts.progress;
  }

  /** Answers about a subject of the current session, latest first. */
  answersOf(subject: AnswerSubject): readonly Answer[] {
    return this.acts.of(subject);
  }

  setInput(input: ResolveInput): void {
    this.input = input;
    this.changed('form');
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
