/** Asks for what an ioctl needs to know, but for its length and whether it wakes. */
import type { OfferDto } from '../../../native-helper/protocol.ts';
import type { ResolveAction } from '../../../native-helper/rules/faultRule.ts';
import { askWp } from './askMode.ts';
import { askSource, type SourceContext } from './askSource.ts';
import type { IoctlId } from './pickIoctl.ts';

/** The ioctls that a resolve request does. */
export type ResolveIoctlId = Exclude<IoctlId, 'move' | 'wake' | 'register' | 'unregister'>;

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
  id: ResolveIoctlId,
  context: ActionContext<File>,
): Promise<((dontWake: boolean) => ResolveAction<File>) | undefined> {
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
