/** What commands act on; extension.ts makes these once. */
import type * as vscode from 'vscode';
import type { HelperClient } from '../helper/helperClient.ts';
import type { LastProgramStorage } from '../launch/lastProgram.ts';
import type { LaunchedPrograms } from '../launch/launchedPrograms.ts';
import type { RulesInForce } from '../rules/rulesInForce.ts';
import type { ChosenFiles } from '../session/chosenFiles.ts';
import type { SessionRegistry } from '../session/sessionRegistry.ts';
import type { DemoTargets } from '../target/demoTarget.ts';
import type { TimelinePanel } from '../timeline/timelinePanel.ts';
import type { TraceEditor } from '../trace/traceEditor.ts';

export interface CommandServices {
  readonly log: vscode.LogOutputChannel;
  readonly helper: HelperClient;
  readonly registry: SessionRegistry;
  readonly chosenFiles: ChosenFiles;
  readonly rules: RulesInForce;
  readonly timeline: TimelinePanel;
  readonly editor: TraceEditor;
  readonly demoTargets: DemoTargets;
  readonly programs: LaunchedPrograms;
  /** The workspace's. */
  readonly storage: LastProgramStorage;
}
