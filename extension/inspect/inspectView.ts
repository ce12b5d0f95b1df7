/** The view of Inspect, beside the breakpoints: looks again every two seconds while it is visible. */
import * as vscode from 'vscode';
import type { CtxDto, InspectionDto } from '../../native-helper/protocol/inspect.ts';
import { InspectCommand, inspectViewId } from '../contributions.ts';
import { DisposableStore, type Disposable } from '../disposableStore.ts';
import type { HelperClient } from '../helper/helperClient.ts';
import type { CodeName, Symbolizer } from '../symbols/symbolizer.ts';
import { changedNodes } from './changedNodes.ts';
import { inspectNodes } from './inspectNodes.ts';
import { spokenText, type InspectNode, type TooltipPart } from './nodes/inspectNode.ts';
import { isStuck } from './nodes/uffdNode.ts';

const refreshMs = 2000;
/** Places whose names are looked up at once; threads are often asleep at the same few. */
const mostPlaces = 200;

/** Its elements are the ids of nodes: those stay from one look to the next. */
export class InspectView implements vscode.TreeDataProvider<string>, Disposable {
  private readonly helper: HelperClient;
  private readonly symbolizer: Symbolizer;
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new vscode.EventEmitter<string[] | undefined>());
  readonly onDidChangeTreeData = this.changed.event;
  private readonly view: vscode.TreeView<string>;
  private roots: readonly InspectNode[] = [];
  private nodes = new Map<string, InspectNode>();
  private parents = new Map<string, string>();
  private latest: InspectionDto | undefined;
  private timer: NodeJS.Timeout | undefined;
  private refreshing: Promise<boolean> | undefined;

  constructor(helper: HelperClient, symbolizer: Symbolizer) {
    this.helper = helper;
    this.symbolizer = symbolizer;
    this.view = this.store.add(vscode.window.createTreeView(inspectViewId, { treeDataProvider: this }));
    this.store.add(
      this.view.onDidChangeVisibility(({ visible }) =>
        visible ? void this.update(false) : clearTimeout(this.timer),
      ),
    );
    if (this.view.visible) {
      void this.update(false);
    }
  }

  /** What was found last. */
  get ctxs(): readonly CtxDto[] {
    return this.latest?.ctxs ?? [];
  }

  /** What is shown: processes, with all below them. */
  get rows(): readonly InspectNode[] {
    return this.roots;
  }

  /** Rows of sleeping threads. */
  get waiters(): readonly InspectNode[] {
    return [...this.nodes.values()].filter(({ context }) => context.startsWith('waiter'));
  }

  /** The row of that id as it is now; undefined when it is gone. */
  node(id: string): InspectNode | undefined {
    return this.nodes.get(id);
  }

  /** Opens the view, with the focus on the first finding of a stuck uffd, if there is one. */
  async show(): Promise<void> {
    await vscode.commands.executeCommand(`${inspectViewId}.focus`);
    await this.refresh();
    const finding = [...this.nodes.values()].find((node) => node.isWarning && node.finding !== undefined);
    if (finding !== undefined) {
      await this.view.reveal(finding.id, { select: true, focus: true });
    }
  }

  /** Looks now because the user asks for it, also where that starts the helper as root. */
  refresh(): Promise<void> {
    return this.update(true);
  }

  /** Looks now, and from then on for as long as the view is visible, unless the look fails. */
  private async update(isAsked: boolean): Promise<void> {
    clearTimeout(this.timer);
    if (isAsked) {
      // One that nobody asked for may do less.
      await this.refreshing;
    }
    this.refreshing ??= this.look(isAsked).finally(() => (this.refreshing = undefined));
    const hasWorked = await this.refreshing;
    clearTimeout(this.timer);
    if (hasWorked && this.view.visible) {
      this.timer = setTimeout(() => void this.update(false), refreshMs);
    }
  }

  /** Before the first look it is not known that there is nothing. */
  async getChildren(id?: string): Promise<string[]> {
    if (id === undefined && this.latest === undefined) {
      await this.update(false);
    }
    const children = id === undefined ? this.roots : (this.nodes.get(id)?.children ?? []);
    return children.map((child) => child.id);
  }

  getParent(id: string): string | undefined {
    return this.parents.get(id);
  }

  getTreeItem(id: string): vscode.TreeItem {
    const node = this.nodes.get(id);
    if (node === undefined) {
      // Gone by now: the next refresh takes it away.
      return new vscode.TreeItem('');
    }
    const { label, description, tooltip, icon, isWarning, context, children, isExpanded, finding } = node;
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
    item.tooltip = tooltipOf(tooltip) ?? `${label} ${description}`.trim();
    item.accessibilityInformation = { label: spokenText(node, vscode.l10n.t) };
    item.iconPath = isWarning
      ? new vscode.ThemeIcon(icon, new vscode.ThemeColor('list.warningForeground'))
      : new vscode.ThemeIcon(icon);
    item.contextValue = context;
    if (finding !== undefined) {
      item.command = {
        command: InspectCommand.explain,
        title: vscode.l10n.t('Explain Finding'),
        arguments: [id],
      };
    }
    return item;
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.store.dispose();
  }

  /** @returns whether it worked; if not, the view says why */
  private async look(isAsked: boolean): Promise<boolean> {
    try {
      const inspection = await this.helper.inspect(isAsked);
      this.take(inspection, await this.namesIn(inspection));
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

  private take(inspection: InspectionDto, names: ReadonlyMap<string, CodeName>): void {
    const { ctxs, unreadableProcesses } = inspection;
    const before = this.roots;
    this.latest = inspection;
    this.roots = inspectNodes(inspection, names, vscode.l10n.t);
    this.nodes = new Map();
    this.parents = new Map();
    this.index(this.roots, undefined);
    const stuck = ctxs.filter(isStuck).length;
    this.view.badge =
      stuck === 0
        ? undefined
        : {
            value: stuck,
            tooltip:
              stuck === 1
                ? vscode.l10n.t('1 userfaultfd was stuck at the last look')
                : vscode.l10n.t('{0} userfaultfds were stuck at the last look', stuck),
          };
    this.view.message =
      unreadableProcesses === 0
        ? ''
        : vscode.l10n.t('Processes of other users that cannot be looked into: {0}.', unreadableProcesses);
    const changed = changedNodes(before, this.roots);
    if (changed === 'all') {
      this.changed.fire(undefined);
    } else if (changed.length > 0) {
      this.changed.fire([...changed]);
    }
  }

  private index(nodes: readonly InspectNode[], parent: string | undefined): void {
    for (const node of nodes) {
      this.nodes.set(node.id, node);
      if (parent !== undefined) {
        this.parents.set(node.id, parent);
      }
      this.index(node.children, node.id);
    }
  }
}

/** Undefined when there is nothing to say. Text of programs is never read as Markdown. */
function tooltipOf(parts: readonly TooltipPart[]): vscode.MarkdownString | undefined {
  if (parts.length === 0) {
    return undefined;
  }
  const markdown = new vscode.MarkdownString();
  for (const { as, text } of parts) {
    if (as === 'code') {
      markdown.appendCodeblock(text, 'text');
    } else if (as === 'heading') {
      markdown.appendMarkdown(`**${escaped(text)}**\n\n`);
    } else {
      markdown.appendMarkdown(`${escaped(text)}\n\n`);
    }
  }
  return markdown;
}

/** `appendText` would make every blank a non-breaking one, so that lines break inside of words. */
function escaped(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]()#+\-.!~<>&|]/g, '\\$&').replaceAll(/\s+/g, ' ');
}
