/**
 * A helper that runs as root for an ordinary user, started by sudo or pkexec. It speaks only to that
 * user: to a process of another one it would give root's rights over every process.
 */
import { Socket } from 'node:net';
import { close } from './syscalls/libc.ts';
import { connectUnix, peerUid } from './syscalls/unixSocket.ts';

/** Keeps nothing of the user's environment but what running Node takes. */
const keptVariables = ['ELECTRON_RUN_AS_NODE'];

/**
 * Connects to the pipe of the user who asked sudo or pkexec for this process.
 * @throws Error whose message is a sentence for people
 */
export function connectToInvoker(pipePath: string): Socket {
  const uid = Number(process.env['PKEXEC_UID'] ?? process.env['SUDO_UID'] ?? NaN);
  if (process.geteuid?.() !== 0 || !Number.isSafeInteger(uid)) {
    throw new Error('--elevated is for a helper that sudo or pkexec has started as root.');
  }
  for (const name of Object.keys(process.env)) {
    if (!keptVariables.includes(name)) {
      // process.env forgets a variable only by `delete`: undefined would become the text "undefined".
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
      delete process.env[name];
    }
  }
  process.chdir('/');
  process.umask(0o077);
  const fd = connectUnix(pipePath);
  const listener = peerUid(fd);
  if (listener !== uid) {
    close(fd);
    throw new Error(
      `The pipe ${pipePath} is of uid ${listener}, and this helper was started for uid ${uid}: it does not speak to another user.`,
    );
  }
  return new Socket({ fd });
}
