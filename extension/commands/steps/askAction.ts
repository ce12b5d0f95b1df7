/** Asks for what an ioctl needs to know, but for its length and whether it wakes. */
import type { OfferDto } from '../../../native-helper/protocol/preflight.ts';
import type { MoveAction, ServingAction } from '../../../native-helper/rules/faultRule.ts';
import { askAllowHoles, askWp } from './askMode.ts';
import { askMoveSource, askSource, type SourceContext } from './askSource.ts';
import type { IoctlId } from './pickIoctl.ts';

/** The ioctls that resolve by hand and by rule. */
export type ServingIoctlId = Exclude<IoctlId, 'move' | 'wake' | 'register' | 'unregister'>;

export interface ActionContext<File> extends SourceContext<File> {
  /** Of a preflight; what is not in it is offered. */
  readonly offers: readonly OfferDto[];
}

/**
 * The action once it is known whether it wakes.
 * @throws Error when a file cannot be used; its message is a sentence for people
 */
export async function askAction<File>(
  title: string,
  id: ServingIoctlId,
  context: ActionContext<File>,
): Promise<((dontWake: boolean) => ServingAction<File>) | undefined> {
  const offer = context.offers.find((candidate) => candidate.id === id);
  switch (id) {
    case 'copy': {
      const source = await askSource(title, context);
      if (source === undefined) {
        return undefined;
      }
      const wp = await askWp(title, offer);
      return wp === undefined ? undefined : (dontWake) => ({ ioctl: 'copy', source, dontWake, wp });
    }
    case 'continue': {
      const wp = await askWp(title, offer);
      return wp === undefined ? undefined : (dontWake) => ({ ioctl: 'continue', dontWake, wp });
    }
    case 'zeropage':
    case 'poison':
      return (dontWake) => ({ ioctl: id, dontWake });
    case 'unprotect':
    case 'protect':
      return (dontWake) => ({ ioctl: 'writeprotect', protect: id === 'protect', dontWake });
  }
}

/** As `askAction`, for MOVE. */
export async function askMove(title: string): Promise<((dontWake: boolean) => MoveAction) | undefined> {
  const source = await askMoveSource(title);
  if (source === undefined) {
    return undefined;
  }
  const allowHoles = await askAllowHoles(title);
  return allowHoles === undefined
    ? undefined
    : (dontWake) => ({ ioctl: 'move', source, dontWake, allowHoles });
}
