/** How a click or key changes the selection, as everywhere in VS Code's lists. */

/** one = it alone; toggle = add it or take it out; extend = all from where the selection began. */
export type SelectBy = 'one' | 'toggle' | 'extend';

/** Shift extends; Ctrl, or Cmd on a Mac, toggles. */
export function selectBy(event: {
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
}): SelectBy {
  return event.shiftKey ? 'extend' : event.ctrlKey || event.metaKey ? 'toggle' : 'one';
}
