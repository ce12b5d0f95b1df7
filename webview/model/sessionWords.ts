/** Sessions in words. */
import { type SessionViewDto } from '../protocol.ts';

/** Process, pid and descriptor, and whether it is a forked child's. */
export function sessionName({ session }: Pick<SessionViewDto, 'session'>): string {
  const { comm, pid, uffd, isCustody } = session;
  const process = pid === 0 ? comm || '?' : `${comm} (${pid})`;
  return `${process}, fd ${uffd.fd}${isCustody ? ', forked child' : ''}`;
}

/** How it stands, in a few words. */
export function sessionStateWords(isLive: boolean, heldCount: number, asleepCount: number): string {
  return [
    ...(heldCount > 0 ? [`${heldCount} held`] : []),
    ...(asleepCount > 0 ? [`${asleepCount} asleep`] : []),
    isLive ? 'attached' : 'ended',
  ].join(' · ');
}
