/** Activation: makes the parts and wires them. What each part does is in its own file. */
import * as vscode from 'vscode';
import { createApi, type UffdApi } from './api.ts';
import { registerCommands } from './commands.ts';
import { Command, ContextKey, timelineViewType } from './contributions.ts';
import type { Disposable } from './disposableStore.ts';
import { HelperClient } from './helper/helperClient.ts';
import { createLog } from './log.ts';
import { SessionRegistry } from './session/sessionRegistry.ts';
import { DemoTargets } from './target/demoTarget.ts';
import { TimelinePanel } from './timeline/timelinePanel.ts';
import * as userErrors from './userErrors.ts';
import { StatusItem } from './views/statusItem.ts';

let helper: HelperClient | undefined;

export function activate({ extensionUri, subscriptions }: vscode.ExtensionContext): UffdApi {
  const dist = vscode.Uri.joinPath(extensionUri, 'dist');
  const log = createLog();
  helper = new HelperClient(vscode.Uri.joinPath(dist, 'helper.cjs').fsPath, log);
  const registry = new SessionRegistry(helper, userErrors.helperFailedText(), (error) =>
    log.error(`Rows from the helper could not be taken: ${String(error)}`),
  );
  const demoTargets = new DemoTargets(vscode.Uri.joinPath(dist, 'demoTarget.cjs').fsPath, log);
  const timeline = new TimelinePanel(dist, registry, {
    notAttachedText: userErrors.notAttached().text,
    otherSessionText: userErrors.otherSessionText(),
    attach: () => void vscode.commands.executeCommand(Command.attachToProcess),
    startDemo: () => void vscode.commands.executeCommand(Command.startDemoTarget),
    reportProblem: (problem) => log.warn(problem),
  });
  subscriptions.push(
    log,
    registry,
    demoTargets,
    timeline,
    new StatusItem(registry),
    vscode.window.registerWebviewPanelSerializer(timelineViewType, timeline),
    registerCommands({ log, helper, registry, timeline, demoTargets }),
    keepContextKey(registry),
    tellUnexpectedEnds(registry, log),
  );
  return createApi(registry);
}

/** Ends the helper, which hands every held fault back before it goes. */
export async function deactivate(): Promise<void> {
  await helper?.stop();
}

/** Keeps the context key of the session's state. */
function keepContextKey(registry: SessionRegistry): Disposable {
  const update = (): void =>
    void vscode.commands.executeCommand('setContext', ContextKey.sessionState, registry.state);
  update();
  return registry.onDidChange(update);
}

/** Tells people when a session ended without their doing. */
function tellUnexpectedEnds(registry: SessionRegistry, log: vscode.OutputChannel): Disposable {
  return registry.onDidChange((session) => {
    const end = session?.end ?? null;
    if (end === null || end.reason === 'detached') {
      return;
    }
    const message =
      end.reason === 'helperFailed' ? userErrors.helperFailed(log) : userErrors.sessionEnded(end.text);
    userErrors.showMessage(message);
  });
}
