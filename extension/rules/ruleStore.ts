/**
 * The rules of this workspace, in the order they are tried. Kept in the workspace's storage,
 * so that they are there again when the window is. Pure: no VS Code.
 */
import { Emitter, type Event } from 'vscode-jsonrpc/node';
import { formatRules, parseKeptRules } from '../../native-helper/rules/parseRules.ts';
import type { WrittenRule } from '../../native-helper/rules/ruleSchema.ts';

/** A rule in the list. The id lasts as long as the window, whatever is edited. */
export interface StoredRule {
  readonly id: number;
  readonly rule: WrittenRule;
}

/** Where they are kept: VS Code's workspace state. */
export interface RuleStorage {
  get(key: string): unknown;
  update(key: string, value: string): Thenable<void>;
}

const storageKey = 'uffd.rules';

export class RuleStore {
  private readonly storage: RuleStorage;
  private readonly changed = new Emitter<void>();
  private list: readonly StoredRule[] = [];
  private lastId = 0;
  /** The list is another one. */
  readonly onDidChange: Event<void> = this.changed.event;

  /** @param reportProblem told of stored rules that cannot be read; the list is empty then */
  constructor(storage: RuleStorage, reportProblem: (problem: string) => void) {
    this.storage = storage;
    const stored = storage.get(storageKey);
    if (typeof stored === 'string') {
      const parsed = parseKeptRules(stored);
      if ('rules' in parsed) {
        this.list = parsed.rules.map((rule) => this.stored(rule));
      } else {
        reportProblem(`The stored rules cannot be read: ${parsed.problems[0]?.text ?? ''}`);
      }
    }
  }

  /** In the order they are tried. */
  get rules(): readonly StoredRule[] {
    return this.list;
  }

  /** Puts it last. */
  add(rule: WrittenRule): StoredRule {
    const entry = this.stored(rule);
    this.set([...this.list, entry]);
    return entry;
  }

  /** Changes this much of the rule with this id; nothing happens when it is gone. */
  change(id: number, part: Partial<WrittenRule>): void {
    this.set(this.list.map((entry) => (entry.id === id ? { id, rule: { ...entry.rule, ...part } } : entry)));
  }

  remove(id: number): void {
    this.set(this.list.filter((entry) => entry.id !== id));
  }

  /** Puts a rule before another one, or at the end. */
  move(id: number, beforeId: number | undefined): void {
    const moved = this.list.find((entry) => entry.id === id);
    if (moved === undefined || id === beforeId) {
      return;
    }
    const others = this.list.filter((entry) => entry.id !== id);
    const at = others.findIndex((entry) => entry.id === beforeId);
    this.set(others.toSpliced(at === -1 ? others.length : at, 0, moved));
  }

  /** Switches all of them on or off. */
  enableAll(isEnabled: boolean): void {
    this.set(this.list.map(({ id, rule }) => ({ id, rule: { ...rule, isEnabled } })));
  }

  /** Replaces them all. */
  setAll(rules: readonly WrittenRule[]): void {
    this.set(rules.map((rule) => this.stored(rule)));
  }

  private stored(rule: WrittenRule): StoredRule {
    return { id: ++this.lastId, rule };
  }

  private set(list: readonly StoredRule[]): void {
    this.list = list;
    void this.storage.update(storageKey, formatRules(list.map(({ rule }) => rule)));
    this.changed.fire();
  }
}
