/** What commands act on; extension.ts makes these once. */
import type * as vscode from 'vscode';
import type { HelperClient } from '../helper/helperClient.ts';
import type { SessionRegistry } from '../session/sessionRegistry.ts';
import type { DemoTargets } from '../target/demoTarget.ts';
import type { TimelinePanel } from '../timeline/timelinePanel.ts';

export interface CommandServices {
  readonly log: vscode.LogOutputChannel;
  readonly helper: HelperClient;
  readonly registry: SessionRegistry;
  readonly timeline: TimelinePanel;
  readonly demoTargets: DemoTargets;
}
