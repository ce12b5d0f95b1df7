/**
 * The rules at work on the reader thread. `answer` acts on faults as soon as they have been
 * read; they are written down later, while their threads run again. What cannot be done at
 * once is left to `DeferredActions`.
 */
import { UffdEvent, uffdMsgBytes } from '../abi/uffdAbi.ts';
import { pagefaultAddress } from '../abi/uffdMessage.ts';
import type { RuleDto } from '../protocol/rules.ts';
import { ActionRows } from './actionRows.ts';
import { DeferredActions } from './deferredActions.ts';
import type { EventLog } from './eventLog.ts';
import { messageCapacity, type MessageReader } from './messageReader.ts';
import type { ReaderMessage } from './readerProtocol.ts';
import { RuleAction, type ActionContext, type Outcome } from './ruleAction.ts';
import { RuleFailures } from './ruleFailures.ts';
import { RuleHits } from './ruleHits.ts';
import { RuleMatcher } from './ruleMatcher.ts';
import type { ThreadNames } from './threadNames.ts';

/** No rule acts on the fault: it is held. */
const noRule = -1;
const twoTo32 = 0x1_0000_0000;

interface RuleContext extends Omit<ActionContext, 'nowNs'> {
  readonly reader: MessageReader;
  readonly log: EventLog;
  readonly post: (message: ReaderMessage) => void;
  readonly threadNames: ThreadNames;
}

export class RuleEngine {
  private readonly context: RuleContext;
  private readonly actionContext: ActionContext;
  private readonly failures: RuleFailures;
  private readonly deferred: DeferredActions;
  private readonly hits: RuleHits;
  private matcher: RuleMatcher;
  private actions: readonly RuleAction[] = [];

  /** Rows of the messages that are not logged yet, and where those of each message begin. */
  private readonly rows = new ActionRows();
  private readonly firstRow = new Uint32Array(messageCapacity + 1);
  /** By message: the rule that acts. */
  private readonly ruleOf = new Int32Array(messageCapacity);
  /** By message, where acting is not over. */
  private readonly unfinished = new Map<number, Outcome | 'delayed'>();

  constructor(context: RuleContext) {
    const { log, files, post, threadNames } = context;
    this.context = context;
    this.actionContext = { ...context, nowNs: () => log.nowNs() };
    this.failures = new RuleFailures(post);
    this.deferred = new DeferredActions(log, files, this.failures);
    this.hits = new RuleHits(post);
    this.matcher = new RuleMatcher([], threadNames);
  }

  /**
   * Replaces the rules. Faults whose action was waiting stay held. Nothing may be unlogged.
   * @throws HelperError badRange when a rule's bytes are more than its pages; the rules stay as they were
   */
  setRules(rules: readonly RuleDto[]): void {
    const actions = rules.map((rule) => new RuleAction(rule, this.actionContext));
    this.deferred.clear();
    this.failures.clear();
    this.context.files.forgetFailures();
    this.actions.forEach((action) => action.free());
    this.actions = actions;
    this.matcher = new RuleMatcher(rules, this.context.threadNames);
    this.hits.follow(this.matcher.hits);
  }

  /**
   * Acts at once on the messages from `from` to the last one read.
   * @returns 'unfinished' when one of them needs more than being written down, so that logging
   *   must not wait; else whether a rule acted on the last one
   */
  answer(from: number): 'acted' | 'held' | 'unfinished' {
    const { messages, count } = this.context.reader;
    let needsMore = false;
    for (let i = from; i < count; i++) {
      this.ruleOf[i] = noRule;
      if (messages.getUint8(i * uffdMsgBytes) !== UffdEvent.PAGEFAULT) {
        needsMore = true;
      } else if (this.actions.length > 0) {
        needsMore = !this.answerFault(messages, i) || needsMore;
      }
      this.firstRow[i + 1] = this.rows.count;
    }
    return needsMore ? 'unfinished' : this.ruleOf[count - 1] === noRule ? 'held' : 'acted';
  }

  /** Whether message `i` was left alone by all that was done since message `from` was read: its thread sleeps as it did. */
  isUntouched(i: number, from: number): boolean {
    if (this.isAnswered(i)) {
      return false;
    }
    const { rows } = this;
    const address = pagefaultAddress(this.context.reader.messages, i) ?? NaN;
    for (let row = this.firstRow[from]!; row < rows.count; row++) {
      if (address >= rows.start[row]! && address < rows.start[row]! + rows.lengthBytes[row]!) {
        return false;
      }
    }
    return true;
  }

  /** Whether message `i` is a fault that a rule acted on, and acting on it is over. */
  isAnswered(i: number): boolean {
    return this.ruleOf[i] !== noRule && !this.unfinished.has(i);
  }

  /** Logs an answered fault: raised, read, and what was done about it. */
  logAnswered(i: number): void {
    const { log, reader } = this.context;
    log.appendAnswered(reader, i, this.rows, this.firstRow[i]!, this.firstRow[i + 1]!);
  }

  /** Logs what was done about fault `i`, which is logged as raised and read, and goes on with it. */
  logActions(i: number, faultId: number): void {
    const { log, reader } = this.context;
    const tid = log.openFaults.get(faultId)?.tid ?? 0;
    log.appendActions(this.rows, this.firstRow[i]!, this.firstRow[i + 1]!, faultId, tid);
    const rule = this.ruleOf[i]!;
    if (rule === noRule) {
      this.meetInferredThread(i, faultId);
      return;
    }
    const outcome = this.unfinished.get(i);
    if (outcome !== undefined) {
      this.follow(outcome, rule, faultId, reader.readNs[i]!, this.firstRow[i + 1]! - 1);
    }
  }

  /** All messages have been logged. */
  clearAnswers(): void {
    this.rows.clear();
    this.unfinished.clear();
  }

  /** When there is something to do without a new fault; Infinity when there is not. */
  get nextDueNs(): number {
    return Math.min(this.deferred.nextDueNs, this.hits.nextDueNs);
  }

  /** Does it. Nothing may be unlogged. */
  runDue(nowNs: number): void {
    this.deferred.run(nowNs);
    this.hits.report(nowNs);
  }

  /** Reports the last hits and gives native memory back: the session is over. */
  end(): void {
    this.hits.report(Infinity);
    this.actions.forEach((action) => action.free());
  }

  /** @returns whether the fault needs no more than being written down */
  private answerFault(messages: DataView, i: number): boolean {
    const base = i * uffdMsgBytes;
    const tid = messages.getUint32(base + 24, true);
    if (tid === 0 && this.matcher.needsThread) {
      return false;
    }
    const address = messages.getUint32(base + 20, true) * twoTo32 + messages.getUint32(base + 16, true);
    const flags = messages.getUint32(base + 12, true) * twoTo32 + messages.getUint32(base + 8, true);
    const outcome = this.meet(i, address, flags, tid);
    if (outcome === 'done') {
      return true;
    }
    this.unfinished.set(i, outcome);
    return false;
  }

  /** Finds the rule that acts on fault `i`, and does so unless it has to wait; notes it on the way for rules that log. */
  private meet(i: number, address: number, flags: number, tid: number): Outcome | 'delayed' {
    for (let rule = -1; ;) {
      rule = this.matcher.next(rule + 1, address, flags, tid);
      const action = this.actions[rule];
      if (action === undefined || action.do === 'hold') {
        return 'done';
      }
      if (action.do === 'log') {
        this.rows.add('log', address, 0, flags, 0, rule + 1, this.context.reader.readNs[i]!);
        continue;
      }
      this.ruleOf[i] = rule;
      return action.delayNs > 0 ? 'delayed' : action.perform(address, flags, this.rows);
    }
  }

  /** Rules for threads are asked about a fault without THREAD_ID once its thread has been inferred. */
  private meetInferredThread(i: number, faultId: number): void {
    const { log, reader } = this.context;
    const fault = log.openFaults.get(faultId);
    if (!this.matcher.needsThread || reader.messages.getUint32(i * uffdMsgBytes + 24, true) !== 0) {
      return;
    }
    if (fault !== undefined) {
      const first = this.rows.count;
      const outcome = this.meet(i, Number(fault.address), Number(fault.flags), fault.tid);
      log.appendActions(this.rows, first, this.rows.count, faultId, fault.tid);
      if (this.ruleOf[i] !== noRule) {
        this.follow(outcome, this.ruleOf[i]!, faultId, reader.readNs[i]!, this.rows.count - 1);
      }
    }
  }

  private follow(
    outcome: Outcome | 'delayed',
    rule: number,
    faultId: number,
    readNs: number,
    lastRow: number,
  ): void {
    const action = this.actions[rule]!;
    const deferred = { rule, action, faultId };
    if (outcome === 'delayed') {
      this.deferred.delay(deferred, readNs + action.delayNs);
    } else {
      this.deferred.followUp(deferred, outcome, readNs, this.rows, lastRow);
    }
  }
}
