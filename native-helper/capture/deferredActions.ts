/**
 * Actions of rules that wait: for their delay, for bytes of a file, or for the memory map to
 * settle. Their faults are held meanwhile; a fault that is no longer open when its time comes
 * is left alone.
 */
import { basePageBytes } from '../abi/uffdAbi.ts';
import { ActionRows } from './actionRows.ts';
import { DueQueue } from './dueQueue.ts';
import type { EventLog } from './eventLog.ts';
import type { FileChunks } from './fileChunks.ts';
import type { Outcome, RuleAction } from './ruleAction.ts';
import type { RuleFailures } from './ruleFailures.ts';

/** How long after a refusal because the map is changing the kernel is asked again. */
const retryNs = 1e6;

export interface DeferredAction {
  /** Index of the rule. */
  readonly rule: number;
  readonly action: RuleAction;
  readonly faultId: number;
}

export class DeferredActions {
  private readonly log: EventLog;
  private readonly files: FileChunks;
  private readonly failures: RuleFailures;
  private readonly due = new DueQueue<DeferredAction>();
  private awaitingBytes: DeferredAction[] = [];
  private seenRevision = 0;
  /** Refused at least once because the map is changing: further refusals get no row each. */
  private readonly retried = new Set<DeferredAction>();
  private readonly rows = new ActionRows();

  constructor(log: EventLog, files: FileChunks, failures: RuleFailures) {
    this.log = log;
    this.files = files;
    this.failures = failures;
  }

  /** When there is something to do; Infinity when nothing waits for a time. */
  get nextDueNs(): number {
    const hasBytes = this.awaitingBytes.length > 0 && this.seenRevision !== this.files.revision;
    return hasBytes ? 0 : this.due.nextDueNs;
  }

  delay(deferred: DeferredAction, dueNs: number): void {
    this.due.add(dueNs, deferred);
  }

  /** Goes on from what came of trying to act, whose last row is `last` of `rows`. */
  followUp(deferred: DeferredAction, outcome: Outcome, nowNs: number, rows: ActionRows, last: number): void {
    const { rule, faultId } = deferred;
    if (outcome === 'mapChanging') {
      this.retried.add(deferred);
      this.due.add(nowNs + retryNs, deferred);
      return;
    }
    this.retried.delete(deferred);
    if (outcome === 'asked') {
      this.awaitingBytes.push(deferred);
    } else if (outcome === 'refused') {
      this.failures.refused(rule, faultId, rows, last);
    } else if (outcome !== 'done') {
      this.failures.failed(rule, faultId, outcome.failure);
    }
  }

  /** Does what is due. */
  run(nowNs: number): void {
    if (this.seenRevision !== this.files.revision) {
      this.seenRevision = this.files.revision;
      this.awaitingBytes.splice(0).forEach((deferred) => this.perform(deferred, nowNs));
    }
    for (;;) {
      const deferred = this.due.takeDue(nowNs);
      if (deferred === undefined) {
        return;
      }
      this.perform(deferred, nowNs);
    }
  }

  /** Forgets everything: the faults stay held. */
  clear(): void {
    this.due.clear();
    this.awaitingBytes = [];
    this.retried.clear();
  }

  private perform(deferred: DeferredAction, nowNs: number): void {
    const fault = this.log.openFaults.get(deferred.faultId);
    if (fault === undefined || !Number.isNaN(fault.resolvedNs)) {
      this.retried.delete(deferred);
      return;
    }
    const { rows } = this;
    rows.clear();
    const outcome = deferred.action.perform(fault.page * basePageBytes, Number(fault.flags), rows);
    if (outcome === 'done' && fault.page !== fault.reportedPage) {
      // Its memory was remapped: the kernel knows the thread by the old address.
      deferred.action.wakeAt(fault.reportedPage * basePageBytes, rows);
    }
    if (outcome !== 'mapChanging' || !this.retried.has(deferred)) {
      this.log.appendActions(rows, 0, rows.count, fault.id, fault.tid);
    }
    this.followUp(deferred, outcome, nowNs, rows, rows.count - 1);
  }
}
