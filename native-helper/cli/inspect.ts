/** `uffdbg inspect`: what Inspect finds, as a tree of text or as one JSON object. */
import { closeSync, openSync, readSync } from 'node:fs';
import { noSuchProcess } from '../helperErrors.ts';
import { Inspector } from '../inspect/inspector.ts';
import { isEnding } from '../inspect/processes.ts';
import { procRoot } from '../inspect/procFile.ts';
import type {
  CodeLocationDto,
  CtxDto,
  FindingDto,
  HandlerThreadDto,
  InspectedHolderDto,
  InspectedWaiterDto,
  InspectionDto,
} from '../protocol/inspect.ts';
import { machineSystem } from '../machineSystem.ts';
import { symbolAt } from '../symbols/elfSymbols.ts';
import { ExitCode, type ProcessOptions } from './commandLine.ts';

/**
 * @param write takes lines
 * @returns the exit code: whether anything is stuck
 * @throws HelperError noSuchProcess
 */
export async function inspect(
  { pid, json }: ProcessOptions,
  write: (lines: readonly string[]) => void,
): Promise<number> {
  if (pid !== undefined && isEnding(procRoot, pid)) {
    throw noSuchProcess(pid);
  }
  const inspection = await new Inspector(machineSystem).inspect(pid);
  write(json ? [JSON.stringify(inspection)] : inWords(inspection));
  const isStuck = inspection.ctxs.some(({ findings }) => findings.some((finding) => finding.isStuck));
  return isStuck ? ExitCode.stuck : ExitCode.served;
}

function inWords({ ctxs, unreadableProcesses }: InspectionDto): string[] {
  return [
    ...(ctxs.length === 0 ? ['No process that can be seen has a userfaultfd open.'] : ctxs.flatMap(ctxLines)),
    ...(unreadableProcesses === 0
      ? []
      : [
          `${unreadableProcesses} ${unreadableProcesses === 1 ? 'process' : 'processes'} could not be looked into: uffdbg doctor --pid PID says why.`,
        ]),
  ];
}

function ctxLines(ctx: CtxDto): string[] {
  const { uffd, findings, holders, handlers, ranges, waiters, unreadable } = ctx;
  return [
    `Process ${ctx.pid} (${ctx.comm}), descriptor ${uffd.fd}: ${uffd.pending} unread, ${uffd.total} unresolved, ` +
      `${uffd.isBlocking ? 'blocking' : 'O_NONBLOCK'}, ${uffd.isApiDone ? uffd.features.join(' ') || 'no features' : 'UFFDIO_API not done'}`,
    ...findings.flatMap(findingLines),
    ...holders.map((holder) => `  holder   ${holderWords(holder, ctx)}`),
    ...handlers.map((handler) => `  handler  ${handlerWords(handler)}`),
    ...ranges.map(
      ({ start, lengthBytes, modes, memory, pageBytes }) =>
        `  range    ${start} + ${lengthBytes}, ${modes.join(' ')}, ${memory}, pages of ${pageBytes}`,
    ),
    ...waiters.map((waiter) => `  waiter   ${waiterWords(waiter)}`),
    ...unreadable.map((part) => `  unread   ${part}`),
  ];
}

function findingLines({ isStuck, text, advice, stacks }: FindingDto): string[] {
  return [
    `  ${isStuck ? 'STUCK' : 'NOTE '}    ${text}`,
    `           ${advice}`,
    ...stacks
      .filter(({ frames }) => frames.length > 0)
      .map(({ tid, comm, frames }) => `           ${tid} (${comm}): ${frames.join(' < ')}`),
  ];
}

function holderWords({ pid, comm, fds, isDebugger }: InspectedHolderDto, { ownerPids }: CtxDto): string {
  const what = isDebugger ? ', this debugger' : ownerPids.includes(pid) ? ', whose memory it is' : '';
  return `process ${pid} (${comm}), descriptor ${fds.join(', ')}${what}`;
}

function handlerWords(handler: HandlerThreadDto): string {
  const { pid, tid, comm, isCertain } = handler;
  return `thread ${tid} (${comm}) of process ${pid} ${doingWords(handler)}${isCertain ? '' : ' (likely a handler)'}`;
}

function doingWords({ activity, syscall, tracerPid }: HandlerThreadDto): string {
  switch (activity) {
    case 'running':
      return 'is busy';
    case 'fault':
      return 'is asleep in a page fault itself';
    case 'blocked':
      return syscall === '' ? 'is asleep' : `is asleep in ${syscall}`;
    case 'stopped':
      return tracerPid === 0 ? 'is stopped' : `is stopped by process ${tracerPid}`;
    case 'gone':
      return 'is gone';
    case 'poll':
    case 'select':
    case 'epoll':
    case 'read':
    case 'ioUring':
      return `waits in ${syscall}`;
  }
}

function waiterWords({ pid, tid, comm, mode, syscall, instruction, asleepNs }: InspectedWaiterDto): string {
  const where =
    mode === 'event'
      ? `in ${syscall} until its event is read`
      : mode === 'kernel'
        ? `in a fault in kernel mode, in ${syscall}`
        : mode === 'user'
          ? 'in a fault in user mode'
          : 'in a fault';
  const at = instruction === null ? '' : ` at ${codeWords(instruction)}`;
  const since = asleepNs === null ? '' : `, for about ${(asleepNs / 1e9).toFixed(1)} s`;
  return `thread ${tid} (${comm}) of process ${pid} ${where}${at}${since}`;
}

/** The function, where the file has symbols and we may read it. */
function codeWords({ address, path, fileOffset }: CodeLocationDto): string {
  if (path === '') {
    return address;
  }
  let fd: number | undefined;
  try {
    const file = (fd = openSync(path, 'r'));
    const symbol = symbolAt((offset, lengthBytes) => {
      const bytes = new Uint8Array(lengthBytes);
      return bytes.subarray(0, readSync(file, bytes, 0, lengthBytes, offset));
    }, BigInt(fileOffset));
    return symbol === undefined
      ? `${path}+${fileOffset}`
      : `${symbol.name}+0x${symbol.offsetBytes.toString(16)} (${path})`;
  } catch {
    return `${path}+${fileOffset}`;
  } finally {
    if (fd !== undefined) {
      closeSync(fd);
    }
  }
}
