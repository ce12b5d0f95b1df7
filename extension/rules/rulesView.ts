/** The view of the rules, beside the breakpoints: toggled by check box, reordered by dragging. */
import * as vscode from 'vscode';
import { checkRules } from '../../native-helper/rules/checkRules.ts';
import type { SessionRegistry } from '../session/sessionRegistry.ts';
import { rulesViewId } from '../contributions.ts';
import { DisposableStore, type Disposable } from '../disposableStore.ts';
import type { RuleStore, StoredRule } from './ruleStore.ts';
import { actionWords, matchWords } from './ruleWords.ts';

const dragType = 'application/vnd.code.tree.uffd.rules';
/** Hit counts come up to ten times a second for each session. */
const refreshMs = 500;

export class RulesView
  implements vscode.TreeDataProvider<StoredRule>, vscode.TreeDragAndDropController<StoredRule>, Disposable
{
  readonly dragMimeTypes = [dragType];
  readonly dropMimeTypes = [dragType];
  private readonly store: RuleStore;
  private readonly registry: SessionRegistry;
  private readonly subscriptions = new DisposableStore();
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly view: vscode.TreeView<StoredRule>;
  private timer: NodeJS.Timeout | undefined;

  constructor(store: RuleStore, registry: SessionRegistry) {
    this.store = store;
    this.registry = registry;
    this.view = vscode.window.createTreeView(rulesViewId, {
      treeDataProvider: this,
      dragAndDropController: this,
      manageCheckboxStateManually: true,
    });
    this.subscriptions.add(this.view);
    this.subscriptions.add(this.changed);
    this.subscriptions.add(store.onDidChange(() => this.changed.fire(undefined)));
    this.subscriptions.add(registry.onDidChange(() => this.refreshSoon()));
    this.subscriptions.add(registry.onDidHitRules(() => this.refreshSoon()));
    this.subscriptions.add(
      this.view.onDidChangeCheckboxState(({ items }) => {
        for (const [{ id }, state] of items) {
          store.change(id, { isEnabled: state === vscode.TreeItemCheckboxState.Checked });
        }
      }),
    );
  }

  /** The rule selected in the view, for keys, which name none. */
  get selected(): StoredRule | undefined {
    return this.view.selection[0];
  }

  /** Shows a rule without taking the focus from where the user is. */
  async show(entry: StoredRule): Promise<void> {
    await this.view.reveal(entry, { select: true, focus: false });
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.subscriptions.dispose();
  }

  getChildren(element?: StoredRule): StoredRule[] {
    return element === undefined ? [...this.store.rules] : [];
  }

  /** What `reveal` asks: rules are a flat list. */
  getParent(): undefined {
    return undefined;
  }

  getTreeItem({ id, rule }: StoredRule): vscode.TreeItem {
    const action = actionWords(rule);
    const item = new vscode.TreeItem(rule.name === '' ? action : rule.name);
    const hits = this.hitsOf(id);
    const does = rule.name === '' ? [] : [action];
    item.id = String(id);
    item.description = [...does, matchWords(rule), ...(hits === undefined ? [] : [hits])].join(' · ');
    const problem = this.problemOf(id);
    item.tooltip = [action, matchWords(rule), hits, problem].filter((line) => line !== undefined).join('\n');
    item.contextValue = 'rule';
    item.iconPath =
      problem === undefined
        ? new vscode.ThemeIcon(iconOf(rule.action.do))
        : new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
    item.checkboxState = {
      state: rule.isEnabled ? vscode.TreeItemCheckboxState.Checked : vscode.TreeItemCheckboxState.Unchecked,
      tooltip: rule.isEnabled ? vscode.l10n.t('Disable this rule') : vscode.l10n.t('Enable this rule'),
    };
    return item;
  }

  handleDrag(source: readonly StoredRule[], data: vscode.DataTransfer): void {
    data.set(dragType, new vscode.DataTransferItem(source.map(({ id }) => id)));
  }

  handleDrop(target: StoredRule | undefined, data: vscode.DataTransfer): void {
    const ids: unknown = data.get(dragType)?.value;
    for (const id of Array.isArray(ids) ? ids : []) {
      if (typeof id === 'number') {
        this.store.move(id, target?.id);
      }
    }
  }

  /** Why a rule will not do what it says, for instance because an earlier one takes all its faults. */
  private problemOf(id: number): string | undefined {
    const { rules } = this.store;
    const at = rules.findIndex((entry) => entry.id === id);
    return checkRules(rules.map(({ rule }) => rule)).find(({ rule }) => rule === at)?.text;
  }

  /** Hits in all attached sessions, or in the one that is read; they know rules by their place in the list. */
  private hitsOf(id: number): string | undefined {
    const { attachedSessions, current } = this.registry;
    const place = this.store.rules.findIndex((entry) => entry.id === id);
    const counts = (attachedSessions.length > 0 || current === null ? attachedSessions : [current])
      .map(({ ruleHits }) => ruleHits[place])
      .filter((count) => count !== undefined);
    const hits = counts.reduce((sum, count) => sum + count, 0);
    return counts.length === 0
      ? undefined
      : hits === 1
        ? vscode.l10n.t('1 hit')
        : vscode.l10n.t('{0} hits', hits);
  }

  private refreshSoon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.changed.fire(undefined);
    }, refreshMs);
  }
}

function iconOf(what: StoredRule['rule']['action']['do']): string {
  switch (what) {
    case 'hold':
      return 'debug-pause';
    case 'log':
      return 'debug-breakpoint-log';
    case 'wake':
      return 'bell';
    case 'resolve':
      return 'debug-continue';
  }
}
