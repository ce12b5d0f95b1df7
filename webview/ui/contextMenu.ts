/**
 * VS Code's own menu over the page. VS Code shows it at a `contextmenu` event and takes from the root
 * element's `data-vscode-context` which of the contributed commands it has.
 */
import { endOpen } from '../model/faultTable.ts';
import { type TimelineState } from '../state/timelineState.ts';

/** What the menu is about; package.json names the commands of each. */
export type MenuSection = 'fault' | 'time' | 'chart' | 'more';

/** Says to VS Code what the menu that comes next is about; null is a plain menu of an input or a text. */
export function describeMenu(root: HTMLElement, state: TimelineState, section: MenuSection | null): void {
  const { current, selectedId, selectedIndexes, trace, marks } = state;
  root.dataset['vscodeContext'] = JSON.stringify(
    section === null
      ? {}
      : {
          webviewSection: section,
          preventDefaultContextMenuItems: true,
          ...(section === 'fault' ? { sessionId: current?.id, faultId: selectedId } : {}),
          uffdFaultIsOpen: selectedIndexes.some((i) => i !== -1 && trace.faults.end(i) === endOpen),
          uffdIsMarked: marks.current !== null,
        },
  );
}

/** Opens the menu at a place of the screen as if the right button had been pressed there. */
export function openMenu(at: HTMLElement, clientX: number, clientY: number): void {
  at.dispatchEvent(
    new MouseEvent('contextmenu', {
      bubbles: true,
      composed: true,
      cancelable: true,
      clientX,
      clientY,
      button: 2,
    }),
  );
}
