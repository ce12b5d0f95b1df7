/** What follows from who has a ctx open, and whose memory it is. */
import type { FindingDto } from '../../protocol/inspect.ts';
import { descriptor, named, sentence, type Look } from './look.ts';

/** The target has ended; its uffd is open for nothing. */
export function targetGone(look: Look): FindingDto | undefined {
  const { goneOwners } = look.now;
  const [handler] = look.waiting;
  if (goneOwners.length === 0) {
    return undefined;
  }
  const waits =
    handler === undefined
      ? ''
      : `, and handler ${named(handler)} waits in ${handler.syscall} for events that never come: the kernel signals nothing`;
  return {
    id: 'targetGone',
    isStuck: handler !== undefined,
    text: sentence(
      `${descriptor(look)} is leaked: process ${goneOwners.join(' and ')}, whose memory it was for, has ended${waits}.`,
    ),
    advice: 'Close it; a handler learns of the end of its target from a pidfd.',
    offersWake: false,
    stacks: [],
  };
}

/** One holder stands between the target and pages that read as zeros. */
export function lastHolder({ now }: Look): FindingDto[] {
  const [holder, ...others] = now.holders;
  const targets = now.ownerPids.filter((pid) => pid !== holder?.pid);
  const isLast = holder !== undefined && others.length === 0 && targets.length === now.ownerPids.length;
  if (!isLast || targets.length === 0) {
    return [];
  }
  const lost =
    now.lostHolders.length === 0 ? '' : `: process ${now.lostHolders.join(' and ')} no longer has it`;
  return [
    {
      id: 'lastHolder',
      isStuck: false,
      text: `Only process ${holder.pid} (${holder.comm}) has the userfaultfd of process ${targets.join(' and ')} open${lost}. When it ends or closes it, every missing page there reads as zeros, without an error.`,
      advice:
        'Let the target keep a descriptor of its own, so that its threads wait for a new handler instead.',
      offersWake: false,
      stacks: [],
    },
  ];
}
