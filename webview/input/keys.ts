/**
 * The keys of the page: W, A, S, D by their place, which is what the hand remembers; the others
 * by what the layout types.
 * One table serves the handling and the list that `?` shows.
 */

export type KeyCommand =
  | 'zoomIn'
  | 'zoomOut'
  | 'panLeft'
  | 'panRight'
  | 'fitAll'
  | 'fitSelection'
  | 'toggleFollow'
  | 'previousInLane'
  | 'nextInLane'
  | 'laneAbove'
  | 'laneBelow'
  | 'firstInLane'
  | 'lastInLane'
  | 'nextHeld'
  | 'previousHeld'
  | 'selectAllHeld'
  | 'selectHeldInRange'
  | 'nextSession'
  | 'previousSession'
  | 'toggleSession'
  | 'nextEvent'
  | 'previousEvent'
  | 'toggleLedger'
  | 'filterLedger'
  | 'toggleStatistics'
  | 'clearFilter'
  | 'focusResolveForm'
  | 'back'
  | 'toggleKeys';

interface Binding {
  readonly command: KeyCommand;
  /** `KeyboardEvent.code`s: places on the keyboard. */
  readonly codes?: readonly string[];
  /** `KeyboardEvent.key`s: what the layout types. */
  readonly keys?: readonly string[];
  /** Whether Shift must be (or must not be) down; left out where it makes a step larger or extends. */
  readonly shift?: boolean;
}

const bindings: readonly Binding[] = [
  { command: 'zoomIn', codes: ['KeyW'], keys: ['+', '='] },
  { command: 'zoomOut', codes: ['KeyS'], keys: ['-', '_'] },
  { command: 'panLeft', codes: ['KeyA'] },
  { command: 'panRight', codes: ['KeyD'] },
  { command: 'fitAll', keys: ['0'] },
  { command: 'fitSelection', keys: ['f', 'F'] },
  { command: 'toggleFollow', keys: ['l', 'L', ' '] },
  { command: 'previousInLane', keys: ['ArrowLeft', ','] },
  { command: 'nextInLane', keys: ['ArrowRight', '.'] },
  { command: 'laneAbove', keys: ['ArrowUp'] },
  { command: 'laneBelow', keys: ['ArrowDown'] },
  { command: 'firstInLane', keys: ['Home'] },
  { command: 'lastInLane', keys: ['End'] },
  { command: 'nextHeld', keys: ['n', 'N'], shift: false },
  { command: 'previousHeld', keys: ['n', 'N'], shift: true },
  { command: 'selectAllHeld', keys: ['h', 'H'], shift: false },
  { command: 'selectHeldInRange', keys: ['h', 'H'], shift: true },
  { command: 'nextSession', keys: ['PageDown'] },
  { command: 'previousSession', keys: ['PageUp'] },
  { command: 'toggleSession', keys: ['c', 'C'] },
  { command: 'nextEvent', keys: ['e', 'E'], shift: false },
  { command: 'previousEvent', keys: ['e', 'E'], shift: true },
  { command: 'toggleLedger', keys: ['t', 'T'] },
  { command: 'filterLedger', keys: ['/'] },
  { command: 'toggleStatistics', keys: ['g', 'G'] },
  { command: 'clearFilter', keys: ['x', 'X'] },
  { command: 'focusResolveForm', keys: ['Enter'] },
  { command: 'back', keys: ['Escape'] },
  { command: 'toggleKeys', keys: ['?'] },
];

/** What of a key press decides; a KeyboardEvent has it all. */
export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

/** The command of a key press; undefined for every chord, which belongs to VS Code. */
export function keyCommand(press: KeyPress): KeyCommand | undefined {
  if (press.ctrlKey || press.altKey || press.metaKey) {
    return undefined;
  }
  return bindings.find(
    ({ codes, keys, shift }) =>
      (codes?.includes(press.code) === true || keys?.includes(press.key) === true) &&
      (shift === undefined || shift === press.shiftKey),
  )?.command;
}

/** The list of keys, for people. */
export const keysInWords: readonly { readonly keys: readonly string[]; readonly does: string }[] = [
  { keys: ['Wheel', 'W', 'S', '+', '-'], does: 'Zoom around the pointer' },
  { keys: ['Drag', 'Shift+Wheel', 'A', 'D'], does: 'Pan in time' },
  { keys: ['Alt+Wheel'], does: 'Scroll the lanes' },
  { keys: ['0'], does: 'Fit all faults, without those of collapsed sessions' },
  { keys: ['Double-click', 'F'], does: 'Fit the selected fault' },
  { keys: ['Space', 'L'], does: 'Follow the live edge, or stop' },
  { keys: ['←', '→', ',', '.'], does: 'Previous or next fault of the thread' },
  { keys: ['↑', '↓'], does: 'Nearest fault of the thread above or below, also of another session' },
  { keys: ['Home', 'End'], does: 'First or last fault of the thread' },
  { keys: ['N', 'Shift+N'], does: 'Next or previous held fault of any session, then those asleep' },
  { keys: ['Ctrl+Click', 'Shift+Click'], does: 'Select one more fault, or all up to it' },
  {
    keys: ['Shift+Drag', 'Shift+← → ↑ ↓'],
    does: 'Select by a box, or extend the selection, within one session',
  },
  { keys: ['H', 'Shift+H'], does: 'Select all held faults, or those of this range' },
  { keys: ['Page Down', 'Page Up'], does: 'Next or previous session' },
  { keys: ['C'], does: 'Collapse the session to its header, or show its lanes' },
  { keys: ['E', 'Shift+E'], does: 'Next or previous event of the memory map' },
  { keys: ['T'], does: 'Show or hide the ledger' },
  { keys: ['/'], does: 'Filter the faults, in the ledger' },
  { keys: ['X'], does: 'Show all faults again: clear the filter' },
  { keys: ['G'], does: 'Show or hide latency histogram and address heat map' },
  { keys: ['← → ↑ ↓', 'Shift+← → ↑ ↓', 'Enter'], does: 'In these: move, extend, filter to what is marked' },
  {
    keys: ['↑', '↓', 'Page Up', 'Page Down', 'Home', 'End', 'Ctrl+A'],
    does: 'In the ledger: move, with Shift extend; select all listed',
  },
  { keys: ['Enter'], does: 'Go to the resolve form' },
  { keys: ['Escape'], does: 'Back to the chart; then to one selected fault; then to none' },
  { keys: ['?'], does: 'Show or hide this list' },
];
