/** The view of Inspect, beside the breakpoints: looks again every two seconds while it is visible. */
import * as vscode from 'vscode';
import type { CtxDto, InspectionDto } from '../../native-helper/inspectProtocol.ts';
import { inspectViewId } from '../contributions.ts';
import { DisposableStore, type Disposable } from '../disposableStore.ts';
import type { HelperClient } from '../helper/helperClient.ts';
import type { CodeName, Symbolizer } from '../symbols/symbolizer.ts';
import { inspectNodes, isStuck, type InspectNode } from './inspectNodes.ts';

const refreshMs = 2000;
/** Places whose names are looked up at once; threads are often asleep at the same few. */
const mostPlaces = 200;

export class InspectView implements vscode.TreeDataProvider<InspectNode>, Disposable {
  private readonly helper: HelperClient;
  private readonly symbolizer: Symbolizer;
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new vscode.EventEmitter<undefined>());
  readonly onDidChangeTreeData = this.changed.event;
  private readonly view: vscode.TreeView<InspectNode>;
  private nodes: readonly InspectNode[] = [];
  private latest: InspectionDto | undefined;
  private shown = '';
  private timer: NodeJS.Timeout | undefined;
  private refreshing: Promise<boolean> | undefined;

  constructor(helper: HelperClient, symbolizer: Symbolizer) {
    this.helper = helper;
    this.symbolizer = symbolizer;
    this.view = this.store.add(vscode.window.createTreeView(inspectViewId, { treeDataProvider: this }));
    this.store.add(this.view.onDidChangeVisibility(({ visible }) => visible && void this.refresh()));
    if (this.view.visible) {
      void this.refresh();
    }
  }

  /** What was found last. */
  get ctxs(): readonly CtxDto[] {
    return this.latest?.ctxs ?? [];
  }

  /** Looks now, and from then on for as long as the view is visible, unless the look fails. */
  async refresh(): Promise<void> {
    clearTimeout(this.timer);
    this.refreshing ??= this.look().finally(() => (this.refreshing = undefined));
    const hasWorked = await this.refreshing;
    clearTimeout(this.timer);
    if (hasWorked && this.view.visible) {
      this.timer = setTimeout(() => void this.refresh(), refreshMs);
    }
  }

  getChildren(node?: InspectNode): InspectNode[] {
    return [...(node?.children ?? this.nodes)];
  }

  getTreeItem(node: InspectNode): vscode.TreeItem {
    const { id, label, description, tooltip, icon, isWarning, context, children, isExpanded } = node;
    const item = new vscode.TreeItem(
      label,
      children.length === 0
        ? vscode.TreeItemCollapsibleState.None
        : isExpanded
          ? vscode.TreeItemCollapsibleState.Expanded
          : vscode.TreeItemCollapsibleState.Collapsed,
    );
    item.id = id;
    item.description = description;
    item.tooltip = tooltip === '' ? label : tooltip;
    item.iconPath = isWarning
      ? new vscode.ThemeIcon(icon, new vscode.ThemeColor('list.warningForeground'))
      : new vscode.ThemeIcon(icon);
    item.contextValue = context;
    return item;
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.store.dispose();
  }

  /** @returns whether it worked; if not, the view says why */
  private async look(): Promise<boolean> {
    try {
      const inspection = await this.helper.inspect();
      const names = await this.namesIn(inspection);
      this.latest = inspection;
      this.show(inspection, names);
      return true;
    } catch (error) {
      this.view.message = error instanceof Error ? error.message : String(error);
      return false;
    }
  }

  private async namesIn({ ctxs }: InspectionDto): Promise<Map<string, CodeName>> {
    const places = new Map(
      ctxs.flatMap(({ waiters }) =>
        waiters.flatMap(({ instruction }) =>
          instruction === null ? [] : [[instruction.address, instruction] as const],
        ),
      ),
    );
    return new Map(
      await Promise.all(
        [...places]
          .slice(0, mostPlaces)
          .map(async ([address, place]) => [address, await this.symbolizer.nameOf(place)] as const),
      ),
    );
  }

  private show(inspection: InspectionDto, names: ReadonlyMap<string, CodeName>): void {
    const { ctxs, unreadableProcesses } = inspection;
    this.nodes = inspectNodes(inspection, names, vscode.l10n.t);
    const stuck = ctxs.filter(isStuck).length;
    this.view.badge =
      stuck === 0
        ? undefined
        : {
            value: stuck,
            tooltip:
              stuck === 1
                ? vscode.l10n.t('1 userfaultfd is stuck')
                : vscode.l10n.t('{0} userfaultfds are stuck', stuck),
          };
    this.view.message =
      unreadableProcesses === 0
        ? ''
        : vscode.l10n.t('Processes of other users that cannot be looked into: {0}.', unreadableProcesses);
    const shown = JSON.stringify(this.nodes);
    if (shown !== this.shown) {
      this.shown = shown;
      this.changed.fire(undefined);
    }
  }
}
