/** Rules of a session: set by the client, applied by the reader thread. */
import { NotificationType, RequestType } from 'vscode-jsonrpc';
import type { FaultRule, ServingAction } from '../rules/faultRule.ts';
import type { ErrorDto } from './errors.ts';
import type { FileIdDto } from './files.ts';

export type ServingActionDto = ServingAction<FileIdDto>;

export type RuleDto = FaultRule<FileIdDto>;
export interface SetRulesParams {
  readonly sessionId: number;
  readonly rules: readonly RuleDto[];
}
/**
 * Replaces the rules that the reader thread applies to each fault it reads; the first match
 * wins, and a fault that none matches is held. Held faults stay held, hit counts start anew.
 */
export const SetRulesRequest = new RequestType<SetRulesParams, null, ErrorDto>('session/setRules');

/** Hits of each rule since the rules were set, in their order; not more often than every 100 ms. */
export const RulesDidHitNotification = new NotificationType<{
  readonly sessionId: number;
  readonly hits: readonly number[];
}>('rules/didHit');

/** A rule could not do its action; the fault is held. */
export const RuleDidFailNotification = new NotificationType<{
  readonly sessionId: number;
  /** Index in the rules as set. */
  readonly rule: number;
  readonly faultId: number;
  /** One sentence. */
  readonly text: string;
}>('rules/didFail');
