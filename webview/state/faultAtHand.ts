/** What the resolve form and the preview are about: the fault whose details show, as they see it. */
import { type FaultKind } from '../../native-helper/rules/faultRule.ts';
import { type FaultPage, pageOf } from '../model/faultRange.ts';
import { faultKind } from '../model/faultWords.ts';
import { ioctlFor, obstacleOf, offerOf } from '../model/ioctlChoice.ts';
import { type ResolvePlace } from '../model/resolveInput.ts';
import { type TimelineState } from './timelineState.ts';

export interface FaultAtHand extends ResolvePlace {
  readonly kind: FaultKind;
  /** Why its ioctl cannot be done, in a few words; empty when it can. */
  readonly obstacle: string;
  /** Why mode WP is not to be had; empty when it is. */
  readonly wpObstacle: string;
}

/** Undefined when no fault is selected. */
export function faultAtHand(state: TimelineState): FaultAtHand | undefined {
  const { trace, selectedIndex, resolving } = state;
  if (selectedIndex === -1) {
    return undefined;
  }
  const kind = faultKind(trace.faults.flags(selectedIndex));
  const ioctl = ioctlFor(resolving.input.ioctls, kind, resolving.preflight);
  const wpObstacle = offerOf(resolving.preflight, ioctl)?.wpObstacle ?? '';
  return {
    kind,
    ioctl,
    obstacle: obstacleOf(resolving.preflight, ioctl),
    wpObstacle,
    allowsWp: wpObstacle === '',
    page: selectedPage(state),
  };
}

/** Where the selected fault's memory is now; undefined when there is none, or no known range holds it. */
export function selectedPage({ view, trace, selectedIndex }: TimelineState): FaultPage | undefined {
  return selectedIndex === -1
    ? undefined
    : pageOf(view?.session.ranges ?? [], trace.faults.memoryAddress(selectedIndex));
}
