/**
 * Everything that the timeline page does at a key or a command: one table that the keys of the page,
 * the list that `?` shows and the commands of the palette are made from. The command of an entry
 * is `uffd.` and its name. Imports nothing, for both sides of the contract use it.
 */

/** A key with what decides whether a press means it. */
export interface KeyBinding {
  /** What is written on it, for people. */
  readonly label: string;
  /** `KeyboardEvent.code`: a place on the keyboard. */
  readonly code?: string;
  /** `KeyboardEvent.key`s: what the layout types. */
  readonly types?: readonly string[];
  /** Whether Shift must be (or must not be) down; left out where the layout needs it to type the sign. */
  readonly shift?: boolean;
}

/** Headings of the list of keys, in its order. */
export const commandGroups = {
  time: 'Time',
  faults: 'Faults',
  steps: 'Step through',
  marks: 'Time selection and marks',
  panes: 'Views',
  sessions: 'Sessions',
} as const;
export type CommandGroup = keyof typeof commandGroups;

export interface ViewCommandEntry {
  /** As in the palette. */
  readonly title: string;
  readonly group: CommandGroup;
  /** None: only in the palette and in menus. */
  readonly keys: readonly KeyBinding[];
  /** A chord that package.json binds, for a page gets no chords; as it is written there. */
  readonly chord?: string;
}

/** By its place, which is what the hand remembers. */
const place = (letter: string): KeyBinding => ({ label: letter, code: `Key${letter}`, shift: false });
/** By what the layout types. */
const letter = (label: string): KeyBinding => ({ label, types: [label.toLowerCase(), label], shift: false });
const sign = (label: string, ...others: string[]): KeyBinding => ({ label, types: [label, ...others] });
const named = (key: string, label = key): KeyBinding => ({ label, types: [key], shift: false });
const shifted = (key: KeyBinding): KeyBinding => ({ ...key, label: `Shift+${key.label}`, shift: true });

const left = named('ArrowLeft', '←');
const right = named('ArrowRight', '→');
const up = named('ArrowUp', '↑');
const down = named('ArrowDown', '↓');

export const viewCommands = {
  zoomIn: { title: 'Zoom In', group: 'time', keys: [place('W'), sign('+', '=')] },
  zoomOut: { title: 'Zoom Out', group: 'time', keys: [place('S'), sign('-', '_')] },
  zoomInFar: { title: 'Zoom In Far', group: 'time', keys: [shifted(place('W'))] },
  zoomOutFar: { title: 'Zoom Out Far', group: 'time', keys: [shifted(place('S'))] },
  panLeft: { title: 'Pan Left', group: 'time', keys: [place('A')] },
  panRight: { title: 'Pan Right', group: 'time', keys: [place('D')] },
  panLeftFar: { title: 'Pan Far Left', group: 'time', keys: [shifted(place('A'))] },
  panRightFar: { title: 'Pan Far Right', group: 'time', keys: [shifted(place('D'))] },
  fitTimeline: { title: 'Fit Timeline', group: 'time', keys: [named('0')] },
  goToStart: { title: 'Go to Start of Timeline, Then Fit It', group: 'time', keys: [named('Home')] },
  goToNow: { title: 'Go to Now or End of Timeline', group: 'time', keys: [named('End')] },
  toggleFollow: { title: 'Follow Live Edge', group: 'time', keys: [named(' ', 'Space')] },
  fitSelection: { title: 'Centre Selection, Then Fit It', group: 'time', keys: [letter('F')] },

  previousInLane: { title: 'Select Previous Fault in Lane', group: 'faults', keys: [left, sign(',')] },
  nextInLane: { title: 'Select Next Fault in Lane', group: 'faults', keys: [right, sign('.')] },
  laneAbove: { title: 'Select Fault in Lane Above', group: 'faults', keys: [up] },
  laneBelow: { title: 'Select Fault in Lane Below', group: 'faults', keys: [down] },
  firstInLane: { title: 'Select First Fault in Lane', group: 'faults', keys: [sign('<')] },
  lastInLane: { title: 'Select Last Fault in Lane', group: 'faults', keys: [sign('>')] },
  extendToPrevious: { title: 'Extend Selection Back in Lane', group: 'faults', keys: [shifted(left)] },
  extendToNext: { title: 'Extend Selection Forward in Lane', group: 'faults', keys: [shifted(right)] },
  extendAbove: { title: 'Extend Selection to Lane Above', group: 'faults', keys: [shifted(up)] },
  extendBelow: { title: 'Extend Selection to Lane Below', group: 'faults', keys: [shifted(down)] },
  extendToFirst: {
    title: 'Extend Selection to First Fault in Lane',
    group: 'faults',
    keys: [shifted(named('Home'))],
  },
  extendToLast: {
    title: 'Extend Selection to Last Fault in Lane',
    group: 'faults',
    keys: [shifted(named('End'))],
  },
  selectAllHeld: { title: 'Select All Held Faults', group: 'faults', keys: [letter('H')] },
  selectHeldInRange: { title: 'Select Held Faults of Range', group: 'faults', keys: [shifted(letter('H'))] },

  nextHeld: { title: 'Go to Next Held Fault', group: 'steps', keys: [letter('N')] },
  previousHeld: { title: 'Go to Previous Held Fault', group: 'steps', keys: [shifted(letter('N'))] },
  nextSlowest: { title: 'Go to Next Slowest Fault', group: 'steps', keys: [letter('O')] },
  previousSlowest: { title: 'Go to Previous Slowest Fault', group: 'steps', keys: [shifted(letter('O'))] },
  nextFlagged: { title: 'Go to Next Flagged Fault', group: 'steps', keys: [letter('X')] },
  previousFlagged: { title: 'Go to Previous Flagged Fault', group: 'steps', keys: [shifted(letter('X'))] },
  nextGap: { title: 'Go to Next Gap', group: 'steps', keys: [letter('G')] },
  previousGap: { title: 'Go to Previous Gap', group: 'steps', keys: [shifted(letter('G'))] },
  nextEvent: { title: 'Go to Next Memory Map Event', group: 'steps', keys: [letter('E')] },
  previousEvent: { title: 'Go to Previous Memory Map Event', group: 'steps', keys: [shifted(letter('E'))] },
  find: { title: 'Find in Timeline', group: 'steps', keys: [], chord: 'ctrl+f' },
  findNext: { title: 'Find Next', group: 'steps', keys: [named('F3')] },
  findPrevious: { title: 'Find Previous', group: 'steps', keys: [shifted(named('F3'))] },

  selectTime: { title: 'Select Time of Faults or of Window', group: 'marks', keys: [letter('R')] },
  mark: { title: 'Mark Selected Time', group: 'marks', keys: [letter('M')] },
  keepMark: { title: 'Keep and Name Mark', group: 'marks', keys: [shifted(letter('M'))] },
  removeMark: { title: 'Remove Mark', group: 'marks', keys: [named('Delete')] },
  previousMark: { title: 'Go to Previous Mark', group: 'marks', keys: [sign('[')] },
  nextMark: { title: 'Go to Next Mark', group: 'marks', keys: [sign(']')] },

  toggleLedger: { title: 'Show or Hide Ledger', group: 'panes', keys: [letter('L'), letter('T')] },
  toggleStatistics: { title: 'Show or Hide Latencies and Addresses', group: 'panes', keys: [letter('V')] },
  filterLedger: { title: 'Filter Faults', group: 'panes', keys: [sign('/')] },
  chooseShown: { title: 'Filter by Access and Thread', group: 'panes', keys: [letter('K')] },
  filterToThread: { title: 'Show Only This Thread', group: 'panes', keys: [] },
  hideThread: { title: 'Hide This Thread', group: 'panes', keys: [] },
  filterToKind: { title: 'Show Only This Kind of Access', group: 'panes', keys: [] },
  filterToPage: { title: 'Show Only This Page', group: 'panes', keys: [] },
  filterToRange: { title: 'Show Only This Range', group: 'panes', keys: [] },
  filterToTime: { title: 'Show Only Selected Time', group: 'panes', keys: [] },
  clearFilter: { title: 'Clear Filter', group: 'panes', keys: [letter('U')] },
  groupByThread: { title: 'Group Lanes by Thread', group: 'panes', keys: [letter('B')] },
  groupByRange: { title: 'Group Lanes by Range', group: 'panes', keys: [shifted(letter('B'))] },
  groupByCode: { title: 'Group Lanes by Faulting Code', group: 'panes', keys: [letter('I')] },
  focusResolveForm: { title: 'Focus Resolve Form', group: 'panes', keys: [named('Enter')] },
  pinTooltip: { title: 'Pin or Unpin Tooltip', group: 'panes', keys: [letter('P')] },
  back: { title: 'Back to Chart, Then Clear Selection', group: 'panes', keys: [named('Escape')] },
  toggleKeys: { title: 'Show or Hide Keys and Signs', group: 'panes', keys: [sign('?')] },
  copyFault: { title: 'Copy Fault', group: 'panes', keys: [] },
  copyFaultAsJson: { title: 'Copy Fault as JSON', group: 'panes', keys: [] },
  copyStatistics: { title: 'Copy Statistics of Selected Time', group: 'panes', keys: [] },

  nextSession: { title: 'Go to Next Session', group: 'sessions', keys: [named('PageDown', 'Page Down')] },
  previousSession: { title: 'Go to Previous Session', group: 'sessions', keys: [named('PageUp', 'Page Up')] },
  toggleSession: { title: 'Collapse or Expand Session', group: 'sessions', keys: [letter('C')] },
} as const satisfies Readonly<Record<string, ViewCommandEntry>>;

/** Commands that act inside the page. */
export type ViewCommand = keyof typeof viewCommands;
