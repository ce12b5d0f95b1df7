/** The commands of Inspect. From the palette, which names no row, each asks or tells what it needs. */
import * as vscode from 'vscode';
import type { CtxDto, FindingDto } from '../../native-helper/protocol/inspect.ts';
import { pick } from '../commands/steps/ask.ts';
import { Command, InspectCommand, type InspectCommandId } from '../contributions.ts';
import { DisposableStore, type Disposable } from '../disposableStore.ts';
import type { HelperClient } from '../helper/helperClient.ts';
import {
  findingExplained,
  noSourceLine,
  nothingAsleep,
  nothingStuck,
  noUffdSeen,
  sleepersWoken,
  sourceNotHere,
} from '../messages/inspectMessages.ts';
import { requestFailed } from '../messages/requestMessages.ts';
import { showMessage, type UserMessage } from '../messages/userMessage.ts';
import type { SourceLine } from '../symbols/symbolizer.ts';
import type { InspectView } from './inspectView.ts';
import { findingText } from './nodes/findingNode.ts';
import type { InspectNode } from './nodes/inspectNode.ts';

export function registerInspectCommands(
  view: InspectView,
  helper: HelperClient,
  log: vscode.LogOutputChannel,
): Disposable {
  const attach = ({ pid, uffd }: CtxDto): Thenable<unknown> =>
    vscode.commands.executeCommand(Command.attachToProcess, { pid, fd: uffd.fd });
  const wake = async (ctx: CtxDto): Promise<void> => {
    if (await confirmWake(ctx)) {
      await wakeSleepers(helper, ctx);
      await view.refresh();
    }
  };
  const copy = async (text: string): Promise<void> => {
    await vscode.env.clipboard.writeText(text);
  };
  const guarded = async (id: string, act: () => unknown): Promise<void> => {
    try {
      await act();
    } catch (error) {
      log.error(`${id}: ${String(error)}`);
      showMessage(requestFailed(error, log));
    }
  };

  const handlers: Record<InspectCommandId, (node?: InspectNode) => unknown> = {
    [InspectCommand.show]: () => view.show(),
    [InspectCommand.refresh]: () => view.refresh(),
    [InspectCommand.attach]: async (node) => {
      const ctx = node?.ctx ?? (await chooseCtx(view, () => true, noUffdSeen));
      await (ctx && attach(ctx));
    },
    [InspectCommand.wake]: async (node) => {
      const ctx = node?.ctx ?? (await chooseCtx(view, hasSleepers, nothingAsleep));
      await (ctx && wake(ctx));
    },
    [InspectCommand.explain]: async (node) => {
      const ctx = node?.ctx ?? (await chooseCtx(view, hasFinding, nothingStuck));
      const finding = node?.finding ?? ctx?.findings[0];
      if (ctx !== undefined && finding !== undefined) {
        const id = InspectCommand.explain;
        showMessage(
          findingExplained(`${ctx.comm} (${ctx.pid})`, finding, {
            wake: () => guarded(id, () => wake(ctx)),
            attach: () => guarded(id, () => attach(ctx)),
            copy: () => guarded(id, () => copy(findingText(ctx, finding))),
          }),
        );
      }
    },
    [InspectCommand.copy]: async (node) => {
      const text = await textOf(node, view);
      if (text === '') {
        showMessage(nothingStuck());
      } else {
        await copy(text);
      }
    },
    [InspectCommand.goToSource]: async (node) => {
      const source = node?.source ?? (await chooseSource(view));
      if (source !== undefined) {
        await openSource(source);
      }
    },
  };
  const store = new DisposableStore();
  for (const [id, handler] of Object.entries(handlers)) {
    store.add(
      vscode.commands.registerCommand(id, (row?: string) =>
        guarded(id, () => handler(row === undefined ? undefined : view.node(row))),
      ),
    );
  }
  return store;
}

/** The one WAKE, and a message about it. @throws HelperRefusal, HelperGone */
export async function wakeSleepers(helper: HelperClient, ctx: CtxDto): Promise<void> {
  await helper.inspectWake({ pid: ctx.pid, fd: ctx.uffd.fd, inode: ctx.inode });
  showMessage(sleepersWoken(`${ctx.comm} (${ctx.pid})`, ctx.waiters.length));
}

const hasSleepers = ({ waiters }: CtxDto): boolean => waiters.some(({ mode }) => mode !== 'event');
const hasFinding = ({ findings }: CtxDto): boolean => findings.length > 0;

async function chooseCtx(
  view: InspectView,
  fits: (ctx: CtxDto) => boolean,
  none: () => UserMessage,
): Promise<CtxDto | undefined> {
  await view.refresh();
  const ctxs = view.ctxs.filter(fits);
  if (ctxs.length === 0) {
    showMessage(none());
    return undefined;
  }
  const picked = await pick(
    vscode.l10n.t('Inspect'),
    vscode.l10n.t('Choose the userfaultfd'),
    [...ctxs]
      .sort((a, b) => b.findings.length - a.findings.length)
      .map((ctx) => ({
        label: `${ctx.comm} (${ctx.pid})`,
        description: vscode.l10n.t('descriptor {0}', ctx.uffd.fd),
        detail: ctx.findings[0]?.text ?? vscode.l10n.t('Not stuck.'),
        ctx,
      })),
  );
  return picked?.ctx;
}

/** Of the threads whose faulting line is known. */
async function chooseSource(view: InspectView): Promise<SourceLine | undefined> {
  await view.refresh();
  const sources = view.waiters.flatMap(({ label, description, source }) =>
    source === undefined ? [] : [{ label, description, detail: `${source.path}:${source.line}`, source }],
  );
  if (sources.length === 0) {
    showMessage(noSourceLine());
    return undefined;
  }
  const picked = await pick(vscode.l10n.t('Inspect'), vscode.l10n.t('Choose the sleeping thread'), sources);
  return picked?.source;
}

async function openSource({ path, line }: SourceLine): Promise<void> {
  const uri = vscode.Uri.file(path);
  try {
    await vscode.workspace.fs.stat(uri);
  } catch {
    showMessage(sourceNotHere(path, line));
    return;
  }
  const position = new vscode.Position(line - 1, 0);
  await vscode.window.showTextDocument(uri, { selection: new vscode.Range(position, position) });
}

async function confirmWake({ comm, pid, waiters }: CtxDto): Promise<boolean> {
  const button = { title: vscode.l10n.t('Wake') };
  const chosen = await vscode.window.showWarningMessage(
    vscode.l10n.t('Wake every thread of {0} ({1}) that sleeps in a fault?', comm, pid),
    {
      modal: true,
      detail: vscode.l10n.t(
        'Sleeping threads: {0}. A page that is there by now lets its thread go on; a fault that is not resolved is raised again, for whoever reads next. Nothing is resolved or lost.',
        waiters.length,
      ),
    },
    button,
  );
  return chosen === button;
}

/** The finding or row a command was given; without one, all findings. */
async function textOf(node: InspectNode | undefined, view: InspectView): Promise<string> {
  if (node === undefined) {
    await view.refresh();
    return allFindings(view.ctxs);
  }
  const { ctx, finding, context, label, description } = node;
  if (ctx !== undefined && finding !== undefined) {
    return findingText(ctx, finding);
  }
  const about = context === 'process' ? view.ctxs.filter(({ pid }) => pid === ctx?.pid) : [];
  return [`${label} ${description}`.trim(), allFindings(about)].filter((part) => part !== '').join('\n');
}

function allFindings(ctxs: readonly CtxDto[]): string {
  return ctxs
    .flatMap((ctx) => ctx.findings.map((finding: FindingDto) => findingText(ctx, finding)))
    .join('\n\n');
}
