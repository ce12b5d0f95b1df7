/** Unix sockets whose other end's user can be known, which Node cannot tell. */
import { close, connect, getsockopt, socket } from './libc.ts';
import { checked } from './syscallError.ts';

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
/** `struct sockaddr_un`: family u16, then the path with its NUL. */
const addressBytes = 110;

/**
 * A descriptor connected to the socket at this path.
 * @throws SyscallError ENOENT, ECONNREFUSED nobody listens, EACCES
 */
export function connectUnix(path: string): number {
  const address = new Uint8Array(addressBytes);
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  if (new TextEncoder().encodeInto(`${path}\0`, address.subarray(2)).read <= path.length) {
    throw new Error(`${path} is too long for the address of a socket`);
  }
  const fd = checked('socket', socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  try {
    checked('connect', connect(fd, address, addressBytes));
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}

/** Effective uid of the process that listened, at the time it did (unix(7)). @throws SyscallError */
export function peerUid(fd: number): number {
  // `struct ucred`: pid, uid, gid.
  const credentials = new Int32Array(3);
  const lengthBytes = Int32Array.of(credentials.byteLength);
  checked('getsockopt', getsockopt(fd, SOL_SOCKET, SO_PEERCRED, credentials, lengthBytes));
  return credentials[1]! >>> 0;
}
