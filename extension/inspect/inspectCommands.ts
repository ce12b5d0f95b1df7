/** The commands of Inspect. From the palette, which names no row, each asks or tells what it needs. */
import * as vscode from 'vscode';
import type { CtxDto } from '../../native-helper/inspectProtocol.ts';
import { pick } from '../commands/steps/ask.ts';
import { Command, InspectCommand, inspectViewId, type InspectCommandId } from '../contributions.ts';
import { DisposableStore, type Disposable } from '../disposableStore.ts';
import type { HelperClient } from '../helper/helperClient.ts';
import * as userErrors from '../userErrors.ts';
import { findingText, type InspectNode } from './inspectNodes.ts';
import type { InspectView } from './inspectView.ts';

export function registerInspectCommands(
  view: InspectView,
  helper: HelperClient,
  log: vscode.LogOutputChannel,
): Disposable {
  const handlers: Record<InspectCommandId, (node?: InspectNode) => unknown> = {
    [InspectCommand.show]: () => vscode.commands.executeCommand(`${inspectViewId}.focus`),
    [InspectCommand.refresh]: () => view.refresh(),
    [InspectCommand.attach]: async (node) => {
      const ctx = node?.ctx ?? (await chooseCtx(view, () => true));
      await (ctx &&
        vscode.commands.executeCommand(Command.attachToProcess, { pid: ctx.pid, fd: ctx.uffd.fd }));
    },
    [InspectCommand.wake]: async (node) => {
      const ctx =
        node?.ctx ?? (await chooseCtx(view, ({ findings }) => findings.some(({ offersWake }) => offersWake)));
      if (ctx !== undefined && (await confirmWake(ctx))) {
        await wakeSleepers(helper, ctx);
        await view.refresh();
      }
    },
    [InspectCommand.copy]: async (node) => {
      const text = textOf(node, view);
      if (text === '') {
        userErrors.showMessage(userErrors.nothingStuck());
      } else {
        await vscode.env.clipboard.writeText(text);
      }
    },
    [InspectCommand.goToSource]: async (node) => {
      if (node?.source === undefined) {
        userErrors.showMessage(userErrors.noSourceLine());
        return;
      }
      const { path, line } = node.source;
      const position = new vscode.Position(line - 1, 0);
      await vscode.window.showTextDocument(vscode.Uri.file(path), {
        selection: new vscode.Range(position, position),
      });
    },
  };
  const store = new DisposableStore();
  for (const [id, handler] of Object.entries(handlers)) {
    store.add(
      vscode.commands.registerCommand(id, async (node?: InspectNode) => {
        try {
          await handler(node);
        } catch (error) {
          log.error(`${id}: ${String(error)}`);
          userErrors.showMessage(userErrors.requestFailed(error, log));
        }
      }),
    );
  }
  return store;
}

/** The one WAKE, and a message about it. @throws HelperRefusal, HelperGone */
export async function wakeSleepers(helper: HelperClient, ctx: CtxDto): Promise<void> {
  await helper.inspectWake({ pid: ctx.pid, fd: ctx.uffd.fd, inode: ctx.inode });
  userErrors.showMessage(userErrors.sleepersWoken(`${ctx.comm} (${ctx.pid})`, ctx.waiters.length));
}

async function chooseCtx(view: InspectView, fits: (ctx: CtxDto) => boolean): Promise<CtxDto | undefined> {
  await view.refresh();
  const ctxs = view.ctxs.filter(fits);
  if (ctxs.length === 0) {
    userErrors.showMessage(userErrors.nothingStuck());
    return undefined;
  }
  const picked = await pick(
    vscode.l10n.t('Inspect'),
    vscode.l10n.t('Choose the userfaultfd'),
    ctxs.map((ctx) => ({
      label: `${ctx.comm} (${ctx.pid})`,
      description: vscode.l10n.t('descriptor {0}', ctx.uffd.fd),
      detail: ctx.findings[0]?.text ?? '',
      ctx,
    })),
  );
  return picked?.ctx;
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
function textOf(node: InspectNode | undefined, view: InspectView): string {
  if (node === undefined) {
    return view.ctxs.flatMap((ctx) => ctx.findings.map((finding) => findingText(ctx, finding))).join('\n\n');
  }
  return node.context === 'finding' ? node.tooltip : `${node.label} ${node.description}`.trim();
}
