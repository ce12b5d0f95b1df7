/** The mode bits with which an action's ioctl is called. */
import {
  MODE_ALLOW_SRC_HOLES,
  MODE_DONTWAKE,
  MODE_WP,
  WRITEPROTECT_MODE_DONTWAKE,
  WRITEPROTECT_MODE_WP,
} from '../abi/uffdAbi.ts';
import type { ResolveActionDto } from '../protocol/ioctls.ts';

/** Mode of an action; WRITEPROTECT has an order of its own. */
export function modeOf(action: ResolveActionDto): number {
  const dontWake = action.dontWake ? MODE_DONTWAKE : 0;
  switch (action.ioctl) {
    case 'copy':
    case 'continue':
      return dontWake | (action.wp ? MODE_WP : 0);
    case 'zeropage':
    case 'poison':
      return dontWake;
    case 'move':
      return dontWake | (action.allowHoles ? MODE_ALLOW_SRC_HOLES : 0);
    case 'writeprotect':
      return (action.dontWake ? WRITEPROTECT_MODE_DONTWAKE : 0) | (action.protect ? WRITEPROTECT_MODE_WP : 0);
  }
}

/** Whether a success leaves threads asleep that could go on: DONTWAKE, but not arming the protection. */
export function leavesAsleep(action: ResolveActionDto): boolean {
  return action.dontWake && !(action.ioctl === 'writeprotect' && action.protect);
}
