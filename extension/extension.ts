/** Activation: makes the parts and wires them. What each part does is in its own file. */
import * as vscode from 'vscode';
import { createApi, type UffdApi } from './api.ts';
import { registerCommands } from './commands.ts';
import { adoptBatch } from './commands/adoptBatch.ts';
import { chooseFile } from './commands/steps/chooseFile.ts';
import { confirmRegister } from './commands/steps/confirmRegister.ts';
import {
  Command,
  ContextKey,
  RuleCommand,
  stripViewId,
  timelineViewType,
  TraceCommand,
} from './contributions.ts';
import { historyRows } from './configuration.ts';
import { registerDebugSessionOffer } from './debug/debugSessionOffer.ts';
import type { Disposable } from './disposableStore.ts';
import { registerDoctor } from './doctor/doctorCommands.ts';
import { HelperClient } from './helper/helperClient.ts';
import { registerInspectCommands } from './inspect/inspectCommands.ts';
import { InspectView } from './inspect/inspectView.ts';
import { tellStranded } from './inspect/tellStranded.ts';
import { LaunchedPrograms } from './launch/launchedPrograms.ts';
import { createLog } from './log.ts';
import { helperFailedText, requestFailed } from './messages/requestMessages.ts';
import { ruleFileRefused } from './messages/ruleMessages.ts';
import { closedSessionText, endedSessionText } from './messages/sessionMessages.ts';
import { showMessage } from './messages/userMessage.ts';
import { tellNotices } from './notices.ts';
import { registerRuleCommands } from './rules/ruleCommands.ts';
import { RulesInForce } from './rules/rulesInForce.ts';
import { RulesView } from './rules/rulesView.ts';
import { RuleStore } from './rules/ruleStore.ts';
import { ChosenFiles } from './session/chosenFiles.ts';
import { SessionRegistry } from './session/sessionRegistry.ts';
import { Symbolizer } from './symbols/symbolizer.ts';
import { DemoTargets } from './target/demoTarget.ts';
import { answerPageRequests } from './timeline/pageRequests.ts';
import { TimelinePanel } from './timeline/timelinePanel.ts';
import { TraceEditor } from './trace/traceEditor.ts';
import { registerTraces, type Traces } from './trace/traces.ts';
import { LiveStrip } from './strip/liveStrip.ts';
import { sessionName, targetName } from './target/targetName.ts';
import { StatusItem } from './views/statusItem.ts';

let helper: HelperClient | undefined;
let traces: Traces | undefined;

export function activate({ extensionUri, subscriptions, workspaceState }: vscode.ExtensionContext): UffdApi {
  const dist = vscode.Uri.joinPath(extensionUri, 'dist');
  const log = createLog();
  const chosenFiles = new ChosenFiles();
  helper = new HelperClient(vscode.Uri.joinPath(dist, 'helper.cjs').fsPath, log, (params) =>
    chosenFiles.read(params),
  );
  const symbolizer = new Symbolizer();
  const registry = new SessionRegistry(
    helper,
    helperFailedText(),
    (error) => log.error(`Rows from the helper could not be taken: ${String(error)}`),
    historyRows,
    symbolizer,
  );
  const ruleStore = new RuleStore(workspaceState, (problem) => log.warn(problem));
  const rules = new RulesInForce(ruleStore, chosenFiles, registry, {
    onFile: (text) => showMessage(ruleFileRefused(text)),
    onRefused: (session, error) => {
      log.error(`Rules of ${targetName(session.dto)}: ${String(error)}`);
      showMessage(requestFailed(error, log));
    },
    onBug: (error) => log.error(`Rules: ${String(error)}`),
  });
  const rulesView = new RulesView(ruleStore, registry);
  const inspectView = new InspectView(helper, symbolizer);
  const demoTargets = new DemoTargets(vscode.Uri.joinPath(dist, 'demoTarget.cjs').fsPath, log);
  const programs = new LaunchedPrograms(helper);
  const timeline = new TimelinePanel(dist, registry, {
    answerRequests: (connection) =>
      answerPageRequests(connection, registry, {
        endedSessionText: endedSessionText(),
        closedSessionText: closedSessionText(),
        confirmRegister,
        chooseFile: async () => (await chooseFile(chosenFiles)) ?? null,
        adoptBatch: (session, batch) => void adoptBatch({ log }, session, batch),
      }),
    attach: () => void vscode.commands.executeCommand(Command.attachToProcess),
    startDemo: () => void vscode.commands.executeCommand(Command.startDemoTarget),
    openRecording: () => void vscode.commands.executeCommand(TraceCommand.open),
    onHydrated: () => undefined,
    addRule: ({ id }, faultId) =>
      void vscode.commands.executeCommand(RuleCommand.add, { sessionId: id, faultId }),
    leave: ({ id, end }) =>
      void vscode.commands.executeCommand(end === null ? Command.detach : Command.closeSession, {
        sessionId: id,
      }),
    copy: (text) => void vscode.env.clipboard.writeText(text),
    reportProblem: (problem) => log.warn(problem),
  });
  const editor = new TraceEditor(dist, log);
  traces = registerTraces(editor, registry, timeline);
  const strip = new LiveStrip(dist, registry, {
    attach: () => void vscode.commands.executeCommand(Command.attachToProcess),
    startDemo: () => void vscode.commands.executeCommand(Command.startDemoTarget),
    openRecording: () => void vscode.commands.executeCommand(TraceCommand.open),
    show: (session, faultId) => {
      registry.show(session);
      timeline.show();
      if (faultId !== null) {
        timeline.showFault(session.id, faultId);
      }
    },
    nameOf: ({ dto }) => sessionName(dto),
    reportProblem: (problem) => log.warn(problem),
  });
  subscriptions.push(
    log,
    registry,
    demoTargets,
    programs,
    timeline,
    new StatusItem(registry),
    vscode.window.registerWebviewPanelSerializer(timelineViewType, timeline),
    vscode.window.registerWebviewViewProvider(stripViewId, strip),
    rules,
    rulesView,
    inspectView,
    registerInspectCommands(inspectView, helper, log),
    registerDoctor(helper, log),
    registerDebugSessionOffer(helper, registry, log),
    registerRuleCommands(ruleStore, rulesView, { registry, chosenFiles, log }),
    traces,
    registerCommands({
      log,
      helper,
      registry,
      chosenFiles,
      rules,
      timeline,
      editor,
      demoTargets,
      programs,
      storage: workspaceState,
    }),
    keepContextKeys(registry),
    tellNotices(registry, timeline, log),
  );
  tellStranded(helper, log).catch((error: unknown) => log.warn(`Inspect at the start: ${String(error)}`));
  return createApi(registry, inspectView);
}

/** Ends the helper, which hands every held fault back before it goes, and then the recordings of that. */
export async function deactivate(): Promise<void> {
  await helper?.stop();
  await traces?.stopRecordings();
}

/** Keeps the context keys about sessions. */
function keepContextKeys(registry: SessionRegistry): Disposable {
  const set = (key: string, value: string | number): void =>
    void vscode.commands.executeCommand('setContext', key, value);
  const update = (): void => {
    set(ContextKey.sessionState, registry.state);
    set(ContextKey.sessionCount, registry.sessions.length);
    set(ContextKey.attachedCount, registry.attachedSessions.length);
    set(ContextKey.endedCount, registry.endedSessions.length);
  };
  update();
  return registry.onDidChange((session) => {
    if (session === null) {
      update();
    }
  });
}
