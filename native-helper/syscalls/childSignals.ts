/** Which events of children and tracees send this process a SIGCHLD. */
import { sigaction } from './libc.ts';
import { checked } from './syscallError.ts';

const SIGCHLD = 17;
const SA_NOCLDSTOP = 1;
/** `struct sigaction` of glibc and musl: handler, 128 bytes of mask, flags i32, restorer. */
const actionBytes = 152;
const flagsOffset = 136;

/**
 * From now on only the end of a child does, and no stop: each stop of a traced program would wake Node's
 * event loop otherwise, which doubles what tracing costs. Call it when Node has a child to wait for, since
 * it installs its handler anew for the first.
 */
export function ignoreStops(): void {
  const action = new Uint8Array(actionBytes);
  checked('sigaction', sigaction(SIGCHLD, null, action));
  const view = new DataView(action.buffer);
  view.setInt32(flagsOffset, view.getInt32(flagsOffset, true) | SA_NOCLDSTOP, true);
  checked('sigaction', sigaction(SIGCHLD, action, null));
}
