/** What uffdbg says while it serves; each answer is the lines to print, often none. */
import type { EventRow } from '../log/eventRows.ts';
import type { RangeDto } from '../protocol/ranges.ts';
import type { CodeLocationDto } from '../protocol/inspect.ts';
import type { MapChangeDto, SessionDidEndParams, SessionDto, ThreadDto } from '../protocol/session.ts';

/** All sessions together. */
export interface Summary {
  readonly seconds: number;
  /** Faults raised. */
  readonly faults: number;
  /** Those resolved and woken. */
  readonly served: number;
  /** Those that were open at the end and whose threads were woken without a page. */
  readonly handedBack: number;
  /** How often a rule could not do its action. */
  readonly ruleFailures: number;
}

export interface Report {
  /** @param parentSessionId the session whose process forked this one's */
  session(session: SessionDto, parentSessionId?: number): string[];
  /** @param sequence of the event in its session, from 1 */
  row(sessionId: number, sequence: number, row: EventRow): string[];
  thread(sessionId: number, thread: ThreadDto): string[];
  /** Where the instruction is that rows `code` name by its address. */
  code(sessionId: number, code: CodeLocationDto): string[];
  hits(sessionId: number, hits: readonly number[]): string[];
  /** @param rule from 1 */
  ruleFailed(sessionId: number, rule: number, faultId: number, text: string): string[];
  ranges(sessionId: number, ranges: readonly RangeDto[]): string[];
  mapChange(sessionId: number, change: MapChangeDto | null): string[];
  /** Told before the uffd is closed. @param text for people */
  lastHolder(sessionId: number, text: string): string[];
  ended(end: SessionDidEndParams): string[];
  summary(summary: Summary): string[];
  lost(lines: number): string;
}
