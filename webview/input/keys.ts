/** Which command a key press means, and what people do with the pointer. */
import { type KeyBinding, type ViewCommand, type ViewCommandEntry, viewCommands } from '../viewCommands.ts';

/** What of a key press decides; a KeyboardEvent has it all. */
export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

export const commandEntries = Object.entries(viewCommands) as readonly (readonly [
  ViewCommand,
  ViewCommandEntry,
])[];

/** The command of a key press; undefined for every chord, which belongs to VS Code. */
export function keyCommand(press: KeyPress): ViewCommand | undefined {
  if (press.ctrlKey || press.altKey || press.metaKey) {
    return undefined;
  }
  return commandEntries.find(([, { keys }]) => keys.some((key) => isPressed(key, press)))?.[0];
}

function isPressed({ code, types, shift }: KeyBinding, press: KeyPress): boolean {
  const isKey = code === press.code || types?.includes(press.key) === true;
  return isKey && (shift === undefined || shift === press.shiftKey);
}

/** Labels of a command's keys, the chord among them. */
export function keyLabels({ keys, chord }: ViewCommandEntry): readonly string[] {
  return [...keys.map(({ label }) => label), ...(chord === undefined ? [] : [chordLabel(chord)])];
}

/** `ctrl+f` as it is written for people: `Ctrl+F`. */
function chordLabel(chord: string): string {
  return chord.replace(/(^|\+)(\w)/g, (_, plus: string, first: string) => `${plus}${first.toUpperCase()}`);
}

/** A command with the key that it has, for tooltips: `Fit Timeline (0)`. */
export function titleWithKey(command: ViewCommand): string {
  const entry: ViewCommandEntry = viewCommands[command];
  const [label] = keyLabels(entry);
  return label === undefined ? entry.title : `${entry.title} (${label})`;
}

/** What the wheel does: modern = it scrolls, and zooms with Ctrl; classic = it zooms. */
export const wheelModes = ['modern', 'classic'] as const;
export type WheelMode = (typeof wheelModes)[number];

interface Gesture {
  readonly keys: readonly string[];
  readonly does: string;
}

/** What the pointer does, for people. */
export function gesturesInWords(wheel: WheelMode): readonly Gesture[] {
  return [
    wheel === 'modern'
      ? { keys: ['Ctrl+Wheel', 'Pinch'], does: 'Zoom around the pointer' }
      : { keys: ['Wheel', 'Pinch'], does: 'Zoom around the pointer' },
    { keys: [wheel === 'modern' ? 'Wheel' : 'Alt+Wheel'], does: 'Scroll the lanes' },
    { keys: ['Shift+Wheel', 'Shift+Drag', 'Middle Drag'], does: 'Pan' },
    { keys: ['Drag'], does: 'Select faults by a box, and its time; within one session' },
    { keys: ['Drag on the axis'], does: 'Select time; its edges can be moved' },
    { keys: ['Drag in the minimap'], does: 'Move, resize or draw the window; double-click fits all' },
    { keys: ['Click', 'Ctrl+Click', 'Shift+Click'], does: 'Select a fault, one more, or all up to it' },
    { keys: ['Alt+Click'], does: 'Pin the tooltip of a fault' },
    { keys: ['Double-click'], does: 'Fit the fault' },
    { keys: ['Right Click', 'Menu', 'Shift+F10'], does: 'Menu of the fault or the selected time' },
    { keys: ['Ctrl+C'], does: 'Copy the selected faults, or the selected time, as text' },
    {
      keys: ['↑', '↓', 'Page Up', 'Page Down', 'Home', 'End', 'Ctrl+A'],
      does: 'In the ledger: move, with Shift extend; select all listed',
    },
  ];
}
