/**
 * Every id the manifest and the code share. A test asserts that package.json
 * contributes exactly these. Pure: no VS Code, so that the test can import it.
 */
import { viewCommands, type ViewCommand } from '../webview/viewCommands.ts';

export const Command = {
  attachToProcess: 'uffd.attachToProcess',
  launchProgram: 'uffd.launchProgram',
  showTimeline: 'uffd.showTimeline',
  resolveFault: 'uffd.resolveFault',
  ioctlOnRange: 'uffd.ioctlOnRange',
  wake: 'uffd.wake',
  switchSession: 'uffd.switchSession',
  /** The timeline gives the session: `{ sessionId }`; so it does for closeSession. */
  detach: 'uffd.detach',
  detachAll: 'uffd.detachAll',
  closeSession: 'uffd.closeSession',
  runHelperAsRoot: 'uffd.runHelperAsRoot',
  startDemoTarget: 'uffd.startDemoTarget',
} as const;
export type CommandId = (typeof Command)[keyof typeof Command];

/** Commands that the timeline page does; in the palette while it is the active editor. */
export const timelineCommands = (Object.keys(viewCommands) as ViewCommand[]).map(
  (view) => [timelineCommand(view), view] as const,
);

export function timelineCommand(view: ViewCommand): string {
  return `uffd.${view}`;
}

/** Commands of the rules view. */
export const RuleCommand = {
  /** May be given the fault to make a rule from: `{ sessionId, faultId }`. */
  add: 'uffd.addRule',
  toggle: 'uffd.toggleRule',
  editCondition: 'uffd.editRuleCondition',
  editHitCondition: 'uffd.editRuleHitCondition',
  editAction: 'uffd.editRuleAction',
  editDelay: 'uffd.editRuleDelay',
  rename: 'uffd.renameRule',
  moveUp: 'uffd.moveRuleUp',
  moveDown: 'uffd.moveRuleDown',
  remove: 'uffd.removeRule',
  removeAll: 'uffd.removeAllRules',
  enableAll: 'uffd.enableAllRules',
  disableAll: 'uffd.disableAllRules',
  import: 'uffd.importRules',
  export: 'uffd.exportRules',
} as const;
export type RuleCommandId = (typeof RuleCommand)[keyof typeof RuleCommand];

/** Commands of Inspect; those of a row may be given it. */
export const InspectCommand = {
  show: 'uffd.showInspect',
  refresh: 'uffd.inspectRefresh',
  attach: 'uffd.inspectAttach',
  wake: 'uffd.inspectWake',
  explain: 'uffd.inspectExplain',
  copy: 'uffd.inspectCopy',
  goToSource: 'uffd.inspectGoToSource',
} as const;
export type InspectCommandId = (typeof InspectCommand)[keyof typeof InspectCommand];

/** Commands of the attach doctor. */
export const DoctorCommand = {
  /** May be given the process to check: `{ pid }`, or `{}` for this machine only. */
  check: 'uffd.attachDoctor',
  checkAgain: 'uffd.attachDoctorCheckAgain',
  copy: 'uffd.attachDoctorCopy',
} as const;
export type DoctorCommandId = (typeof DoctorCommand)[keyof typeof DoctorCommand];

/** Commands of trace files. */
export const TraceCommand = {
  startRecording: 'uffd.startRecording',
  /** May be given the session: `{ sessionId }`. */
  stopRecording: 'uffd.stopRecording',
  open: 'uffd.openRecording',
  export: 'uffd.exportTrace',
  compare: 'uffd.compareTraces',
} as const;
export type TraceCommandId = (typeof TraceCommand)[keyof typeof TraceCommand];

/** View type of the editor of trace files. */
export const traceViewType = 'uffd.trace';
/** The same for Arrow streams that are not named as ours: Reopen Editor With… offers it. */
export const arrowsViewType = 'uffd.arrows';
/** How trace files are named. */
export const traceExtension = '.uffd.arrows';

/** Scheme of the attach doctor's pages. */
export const doctorScheme = 'uffd-doctor';

/** The view of Inspect, in the Run and Debug container. */
export const inspectViewId = 'uffd.inspect';

/** The view of the rules, in the Run and Debug container. */
export const rulesViewId = 'uffd.rules';

/** The live strip's view, in a container of the bottom panel. */
export const stripViewId = 'uffd.strip';
export const stripContainerId = 'uffd-panel';

/** View type of the timeline's webview panel. */
export const timelineViewType = 'uffd.timeline';

/** Keys for `when` clauses, of this extension and of people's keybindings. */
export const ContextKey = {
  /** State of the current session: 'none', 'attached' or 'ended'. */
  sessionState: 'uffd.sessionState',
  /** Sessions that can be shown, ended ones among them. */
  sessionCount: 'uffd.sessionCount',
  /** Sessions that are attached. */
  attachedCount: 'uffd.attachedCount',
  /** Sessions that are over and can still be read. */
  endedCount: 'uffd.endedCount',
  /** Sessions that are being recorded. */
  recordingCount: 'uffd.recordingCount',
  /** An opened trace file is the active editor. */
  traceActive: 'uffd.traceActive',
  /** The timeline is the active editor. */
  timelineActive: 'uffd.timelineActive',
} as const;

/** Settings; their defaults are in package.json only. */
export const Setting = {
  helperNodePath: 'uffd.helper.nodePath',
  helperElevation: 'uffd.helper.elevation',
  historyRows: 'uffd.history.rows',
  offerInDebugSessions: 'uffd.offerInDebugSessions',
  timelineWheel: 'uffd.timeline.wheel',
} as const;

/** Types of the debuggers for C, C++ and Rust on Linux, of several extensions; `lldb` is CodeLLDB's. */
export const nativeDebugTypes = ['cppdbg', 'gdb', 'lldb', 'lldb-dap'] as const;
