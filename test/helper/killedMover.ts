/**
 * A program that freezes the handler of a target, has it do a MOVE, and kills itself at a chosen
 * moment of that: node killedMover.ts PID FD INODE DESTINATION SOURCE MOMENT. It says `frozen`,
 * and goes on when a line arrives on stdin.
 */
import { once } from 'node:events';
import { ForeignCall } from '../../native-helper/attach/foreignCall.ts';
import { HandlerFreeze } from '../../native-helper/attach/handlerFreeze.ts';
import { MoveInTarget } from '../../native-helper/attach/moveInTarget.ts';
import { ThreadRegisters } from '../../native-helper/attach/threadRegisters.ts';
import type { UffdDto } from '../../native-helper/protocol/processes.ts';
import type { SessionDto } from '../../native-helper/protocol/session.ts';

const [pid, fd, inode, destination, source] = process.argv.slice(2, 7).map(Number) as [
  number,
  number,
  number,
  number,
  number,
];

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

/** Replaces a method, or has something done behind it. */
function change(type: { readonly prototype: object }, name: string, by: () => void, isBehind: boolean): void {
  const prototype = type.prototype as Record<string, (...given: unknown[]) => unknown>;
  const original = prototype[name]!;
  prototype[name] = function (...given) {
    const result = isBehind ? original.apply(this, given) : undefined;
    by();
    return result;
  };
}

switch (process.argv[7]) {
  case 'entered':
    change(ThreadRegisters, 'writeCall', die, false);
    break;
  case 'exchanged':
    change(ThreadRegisters, 'writeCall', die, true);
    break;
  case 'made':
    change(ForeignCall, 'putBack', die, false);
    break;
  default:
    throw new Error('at which moment?');
}
const freeze = new HandlerFreeze({ inode, isBlocking: false } as UffdDto, () => [{ pid, fds: [fd] }]);
await freeze.freezeWaiting();
if (freeze.threads.length === 0) {
  throw new Error('nobody waits');
}
console.log('frozen');
await once(process.stdin, 'data');
const session = { pid, uffd: { fd, inode } } as SessionDto;
console.log(new MoveInTarget(session, freeze).move({ destination, source, lengthBytes: 4096, mode: 0 }));
