/**
 * Every id the manifest and the code share. A test asserts that package.json
 * contributes exactly these. Pure: no VS Code, so that the test can import it.
 */

export const Command = {
  attachToProcess: 'uffd.attachToProcess',
  showTimeline: 'uffd.showTimeline',
  resolveFault: 'uffd.resolveFault',
  wake: 'uffd.wake',
  detach: 'uffd.detach',
  startDemoTarget: 'uffd.startDemoTarget',
  fitTimeline: 'uffd.fitTimeline',
  toggleFollow: 'uffd.toggleFollow',
  focusResolveForm: 'uffd.focusResolveForm',
} as const;
export type CommandId = (typeof Command)[keyof typeof Command];

/** View type of the timeline's webview panel. */
export const timelineViewType = 'uffd.timeline';

/** Keys for `when` clauses, of this extension and of people's keybindings. */
export const ContextKey = {
  /** 'none', 'attached' or 'ended'. */
  sessionState: 'uffd.sessionState',
  /** The timeline is the active editor. */
  timelineActive: 'uffd.timelineActive',
} as const;

/** Settings; their defaults are in package.json only. */
export const Setting = {
  helperNodePath: 'uffd.helper.nodePath',
} as const;
