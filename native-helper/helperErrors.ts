/**
 * Every error the helper answers with: one factory per cause, each a sentence that says
 * what was wrong, where, and what to do next.
 */
import { ResponseError } from 'vscode-jsonrpc';
import { errnoName } from './abi/errnoText.ts';
import type { HandlerWait, UringWait } from './inspect/handlerWait.ts';
import { helperErrorCode, type ErrorCause, type ErrorDto } from './protocol/errors.ts';
import type { SyscallError } from './syscalls/syscallError.ts';

export type HelperError = ResponseError<ErrorDto>;

function helperError(cause: ErrorCause, message: string, field?: string): HelperError {
  return new ResponseError(helperErrorCode, message, field === undefined ? { cause } : { cause, field });
}

/** An error that another thread of the helper has made. */
export const refusal = (message: string, data: ErrorDto): HelperError =>
  new ResponseError(helperErrorCode, message, data);

export const invalidParams = (field: string, problem: string): HelperError =>
  helperError('invalidParams', `Request field ${field === '' ? '(whole)' : field}: ${problem}.`, field);

export const noSuchProcess = (pid: number): HelperError =>
  helperError('noSuchProcess', `There is no process ${pid}. It may have ended; pick a process again.`, 'pid');

export const noUffd = (pid: number, fd: number | undefined): HelperError =>
  fd === undefined
    ? helperError(
        'noUffd',
        `Process ${pid} has no userfaultfd descriptor. If its memory is served from another process, attach to that one.`,
        'pid',
      )
    : helperError(
        'noUffd',
        `Descriptor ${fd} of process ${pid} is not a userfaultfd. Pick the process again.`,
        'fd',
      );

export const severalUffds = (pid: number, fds: readonly number[]): HelperError =>
  helperError(
    'severalUffds',
    `Process ${pid} has several userfaultfds: choose descriptor ${fds.join(' or ')}.`,
    'fd',
  );

export const apiNotDone = (pid: number, fd: number): HelperError =>
  helperError(
    'apiNotDone',
    `Descriptor ${fd} of process ${pid} has not been through UFFDIO_API yet, so no fault can arrive. Attach once the program has set it up.`,
    'fd',
  );

export const notPermitted = (pid: number, reason: string): HelperError =>
  helperError('notPermitted', `Not permitted to attach to process ${pid}: ${reason}`, 'pid');

export const handlerIsLive = (wait: HandlerWait): HelperError =>
  helperError(
    'handlerIsLive',
    `Thread ${wait.tid} (${wait.comm}) of process ${wait.pid} waits on this userfaultfd in ${wait.syscall}: its handler is alive, ` +
      'and reading here would take its faults away. Freeze the handler for as long as you are attached, or stop it.',
    'pid',
  );

export const uringIsLive = ({ pid, comm }: UringWait): HelperError =>
  helperError(
    'handlerIsLive',
    `An io_uring of process ${pid} (${comm}) waits on this userfaultfd: its handler is alive, and reading here would take its faults away. ` +
      'Stop the handler, all of its threads, and attach again.',
    'pid',
  );

/** Freezing threads would not be enough. */
export const uringNotFreezable = ({ pid, comm, hasKernelThread }: UringWait): HelperError =>
  handlerNotFreezable(
    `an io_uring of process ${pid} (${comm}) waits on it, and ` +
      (hasKernelThread
        ? 'the kernel’s own thread for that (SQPOLL) reads on while every thread of the handler is stopped'
        : 'which of its threads completes that cannot be seen from outside'),
    hasKernelThread
      ? 'Let the handler end first.'
      : 'Stop all threads of that process with a debugger, and attach without freezing.',
  );

export const handlerServes = (): HelperError =>
  helperError(
    'handlerIsLive',
    'Faults of this userfaultfd are being served: its handler is alive, and reading here would take its faults away. ' +
      'Freeze the handler for as long as you are attached, or stop it.',
    'pid',
  );

/** @param advice a sentence */
export const handlerNotFreezable = (reason: string, advice: string): HelperError =>
  helperError(
    'handlerNotFreezable',
    `The handler cannot be frozen: ${reason}. ${advice} Nothing was attached, and every thread runs on.`,
    'freeze',
  );

export const alreadyAttached = (pid: number, fd: number): HelperError =>
  helperError(
    'alreadyAttached',
    `This userfaultfd is already taken over (process ${pid}, descriptor ${fd}). Detach first.`,
  );

export const takenOverElsewhere = (pid: number): HelperError =>
  helperError(
    'alreadyAttached',
    `This userfaultfd is already taken over by another debugger (process ${pid}), perhaps of another VS Code window. Detach there first.`,
  );

/** @param whose whose memory it is, in words */
export const wouldCloseLast = (whose: string): HelperError =>
  helperError(
    'lastHolder',
    `No other process has the userfaultfd of ${whose} open any more: detaching closes it for good. ` +
      'Its threads are released, and missing pages read as zeros from then on.',
    'closesLast',
  );

export const kernelTooOld = (): HelperError =>
  helperError(
    'kernelTooOld',
    'This userfaultfd is blocking (no O_NONBLOCK), and this kernel cannot read such a descriptor without the risk of hanging: ' +
      'preadv2 with RWF_NOWAIT answers EOPNOTSUPP. Use kernel 6.10 or newer, or create the descriptor with O_NONBLOCK.',
  );

export const noSuchSession = (sessionId: number): HelperError =>
  helperError('noSuchSession', `Session ${sessionId} is over or never was. Attach again.`, 'sessionId');

export const noSuchFault = (faultId: number): HelperError =>
  helperError(
    'noSuchFault',
    `Fault ${faultId} is not open: its thread has been woken, or it never was. Nothing was done.`,
    'what.faultIds',
  );

export const badRange = (field: string, problem: string): HelperError =>
  helperError('badRange', `${problem} Nothing was done.`, field);

export const memoryUnreadable = (reason: string, field: string): HelperError =>
  helperError('memoryUnreadable', reason, field);

/** @param reason a sentence: what the client said, or which bytes the file does not have */
export const fileUnreadable = (reason: string): HelperError =>
  helperError('fileUnreadable', reason, 'source');

/** @param reason without a full stop */
export const programNotStarted = (program: string, reason: string, field: string): HelperError =>
  helperError('programNotStarted', `${program} was not started: ${reason}.`, field);

export const programNotTraced = (program: string, reason: string): HelperError =>
  helperError(
    'programNotStarted',
    `${program} was not started, because it cannot be traced (${reason}): kernel.yama.ptrace_scope is 2 or 3, or a container ` +
      'forbids ptrace. As root: sysctl kernel.yama.ptrace_scope=1 (until reboot), or start the container with --cap-add=SYS_PTRACE.',
    'program',
  );

/** The helper is root, and the program would be too; as a child of a helper of one's own it can be attached to anyhow. */
export const launchNeedsNoRoot = (program: string): HelperError =>
  helperError(
    'programNotStarted',
    `${program} was not started: the helper runs as root, and launches nothing as root. Use the command Run Helper as Root… ` +
      'to run it as yourself again; a program that it launches then can be attached to without root.',
    'program',
  );

/** @param how in words, such as `exit code 1` or `SIGSEGV` */
export const programEnded = (program: string, how: string): HelperError =>
  helperError(
    'programEnded',
    `${program} ended (${how}) before it registered memory with a userfaultfd. Its output may say why.`,
  );

export const noSuchLaunch = (): HelperError =>
  helperError('noSuchLaunch', 'This program was not launched by the helper that runs now. Launch it again.');

/** @param reason a sentence */
export const moveRefused = (reason: string): HelperError =>
  helperError('moveRefused', `${reason} Nothing was done.`, 'action.ioctl');

export const guardianFailed = (reason: string): HelperError =>
  helperError(
    'guardianFailed',
    `The guardian process, which wakes all threads should the helper die, could not be set up (${reason}). Nothing was attached.`,
  );

/** A system call that failed in a way no other error names. */
export function systemCallFailed(error: SyscallError, doing: string): HelperError {
  return helperError('systemCallFailed', `${doing}: ${error.call} failed with ${errnoName(error.errno)}.`);
}
