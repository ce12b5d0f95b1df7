/**
 * Keeps every attached session's rules those of the workspace. Files are chosen here, so that
 * the helper may ask for them; a rule whose file cannot be used is switched off until it can.
 * Pure: no VS Code.
 */
import { isDeepStrictEqual } from 'node:util';
import type { RuleDto } from '../../native-helper/protocol/rules.ts';
import { toRuleDto } from '../../native-helper/rules/ruleDto.ts';
import type { WrittenRule } from '../../native-helper/rules/ruleSchema.ts';
import { DisposableStore, type Disposable } from '../disposableStore.ts';
import type { ChosenFiles } from '../session/chosenFiles.ts';
import type { DebugSession } from '../session/debugSession.ts';
import type { SessionRegistry } from '../session/sessionRegistry.ts';
import type { RuleStore } from './ruleStore.ts';

/** Where problems are told. */
export interface RuleProblems {
  /** A rule's file cannot be used; a sentence with its path. */
  onFile(text: string): void;
  /** A session refused the rules, or is gone. */
  onRefused(session: DebugSession, error: unknown): void;
  /** Something that should not happen. */
  onBug(error: unknown): void;
}

export class RulesInForce implements Disposable {
  private readonly store: RuleStore;
  private readonly files: Pick<ChosenFiles, 'choose'>;
  private readonly registry: Pick<SessionRegistry, 'sessions' | 'onDidBegin'>;
  private readonly problems: RuleProblems;
  private readonly subscriptions = new DisposableStore();
  /** One change after the other, so that the last one stays. */
  private last: Promise<void> = Promise.resolve();

  constructor(
    store: RuleStore,
    files: Pick<ChosenFiles, 'choose'>,
    registry: Pick<SessionRegistry, 'sessions' | 'onDidBegin'>,
    problems: RuleProblems,
  ) {
    this.store = store;
    this.files = files;
    this.registry = registry;
    this.problems = problems;
    this.subscriptions.add(store.onDidChange(() => this.applySoon()));
    // It began with rules that may have been changed meanwhile.
    this.subscriptions.add(registry.onDidBegin(() => this.applySoon()));
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  /** The rules as a helper takes them, in the order of the store. */
  async ruleDtos(): Promise<RuleDto[]> {
    const dtos: RuleDto[] = [];
    for (const { rule } of this.store.rules) {
      dtos.push(await this.ruleDto(rule));
    }
    return dtos;
  }

  private async ruleDto(rule: WrittenRule): Promise<RuleDto> {
    const path = filePathOf(rule);
    if (path === undefined) {
      return toRuleDto(rule, () => 0);
    }
    try {
      const { fileId } = await this.files.choose(path);
      return toRuleDto(rule, () => fileId);
    } catch (error) {
      if (rule.isEnabled) {
        this.problems.onFile(error instanceof Error ? error.message : String(error));
      }
      return { ...rule, action: { do: 'hold' }, isEnabled: false, delayMs: 0 };
    }
  }

  private applySoon(): void {
    // A failure must not keep later changes from being applied.
    this.last = this.last.then(() => this.apply()).catch((error: unknown) => this.problems.onBug(error));
  }

  private async apply(): Promise<void> {
    const attached = this.registry.sessions.filter(({ end }) => end === null);
    if (attached.length === 0) {
      return;
    }
    const rules = await this.ruleDtos();
    // Setting rules begins their hit counts anew, so that those which are in force stay.
    const others = attached.filter((session) => !isDeepStrictEqual(session.rules, rules));
    await Promise.all(
      others.map((session) =>
        session.setRules(rules).catch((error: unknown) => this.problems.onRefused(session, error)),
      ),
    );
  }
}

/** The file a rule takes its bytes from. */
function filePathOf({ action }: WrittenRule): string | undefined {
  return action.do === 'resolve' && action.action.ioctl === 'copy' && 'file' in action.action.source
    ? action.action.source.file.path
    : undefined;
}
