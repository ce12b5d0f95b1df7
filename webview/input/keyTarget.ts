/** Whether a key press is meant for the element that has the focus rather than for the chart. */

const editable = 'input, textarea, select, [contenteditable]';
const pressable = 'button, summary, a, [role="button"]';

/** Escape always gets through: it is the way back to the chart. */
export function belongsToFocus(event: KeyboardEvent): boolean {
  if (event.key === 'Escape') {
    return false;
  }
  const path = event.composedPath().filter((target) => target instanceof Element);
  if (path.some((element) => element.matches(editable))) {
    return true;
  }
  const isPress = event.key === 'Enter' || event.key === ' ';
  return isPress && path.some((element) => element.matches(pressable));
}
