/** The table of all commands. Each is always there and explains itself when it cannot act. */
import * as vscode from 'vscode';
import type { ViewCommand } from '../webview/protocol.ts';
import { attachToProcess } from './commands/attachToProcess.ts';
import type { CommandServices } from './commands/commandServices.ts';
import { detach } from './commands/detach.ts';
import { resolveFault } from './commands/resolveFault.ts';
import { startDemoTarget } from './commands/startDemoTarget.ts';
import { wake } from './commands/wake.ts';
import { Command, type CommandId } from './contributions.ts';
import { DisposableStore, type Disposable } from './disposableStore.ts';
import * as userErrors from './userErrors.ts';

export function registerCommands(services: CommandServices): Disposable {
  const inTimeline = (command: ViewCommand) => () => {
    if (!services.timeline.send(command)) {
      userErrors.showMessage(userErrors.timelineNotOpen());
    }
  };
  const handlers: Record<CommandId, (argument?: unknown) => unknown> = {
    [Command.attachToProcess]: (argument) => attachToProcess(services, argument),
    [Command.showTimeline]: () => services.timeline.show(),
    [Command.resolveFault]: () => resolveFault(services),
    [Command.wake]: () => wake(services),
    [Command.detach]: () => detach(services),
    [Command.startDemoTarget]: () => startDemoTarget(services),
    [Command.fitTimeline]: inTimeline('fit'),
    [Command.toggleFollow]: inTimeline('toggleFollow'),
    [Command.focusResolveForm]: inTimeline('focusResolveForm'),
  };
  const store = new DisposableStore();
  for (const [id, handler] of Object.entries(handlers)) {
    store.add(vscode.commands.registerCommand(id, handler));
  }
  return store;
}
