/**
 * VS Code's own menu over the page. VS Code shows it at a `contextmenu` event and takes from the root
 * element's `data-vscode-context` which of the contributed commands it has.
 */
import { endOpen } from '../model/faultTable.ts';
import { type LaneDto } from '../protocol.ts';
import { type TimelineState } from '../state/timelineState.ts';

/** What the menu is about; package.json names the commands of each. */
export type MenuSection = 'fault' | 'lane' | 'time' | 'chart' | 'more';

/**
 * Says to VS Code what the menu that comes next is about; null is a plain menu of an input or a text.
 * @param lane the lane of a menu about one
 */
export function describeMenu(
  root: HTMLElement,
  state: TimelineState,
  section: MenuSection | null,
  lane?: LaneDto,
): void {
  const { current, selectedId, selectedIndexes, trace, marks } = state;
  root.dataset['vscodeContext'] = JSON.stringify(
    section === null
      ? {}
      : {
          webviewSection: section,
          preventDefaultContextMenuItems: true,
          ...(section === 'fault' ? { sessionId: current?.id, faultId: selectedId } : {}),
          ...(lane === undefined ? {} : { uffdLane: lane, uffdLaneBy: lane.by }),
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
