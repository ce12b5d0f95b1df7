import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';

/** What to attach to. */
export interface TargetAddress {
  readonly pid: number;
  /** May be left out when the process has exactly one uffd. */
  readonly fd?: number;
}

export type StartOptions =
  | { readonly kind: 'help' }
  | { readonly kind: 'demo' }
  | { readonly kind: 'attach'; readonly target: TargetAddress };

/** A command line that cannot be used; the message says what is wrong with it. */
export class UsageError extends Error {}

export const startHelp = `Usage: npm start [-- --pid PID [--fd FD]]

Opens VS Code with this extension, attached and with the timeline showing:
to a demo target, or to the process PID of yours. FD names one of its userfaultfd
descriptors; it is needed only when the process has several.
Ctrl+C ends everything that was started; a process of yours goes on.`;

export function startOptions(args: readonly string[]): StartOptions {
  const { pid, fd, help } = parse(args);
  if (help === true) {
    return { kind: 'help' };
  }
  if (pid === undefined) {
    if (fd !== undefined) {
      throw new UsageError('--fd needs --pid: name the process that the descriptor belongs to.');
    }
    return { kind: 'demo' };
  }
  const target = { pid: wholeNumber('--pid', pid) };
  if (target.pid === 0 || !existsSync(`/proc/${target.pid}`)) {
    throw new UsageError(`--pid ${target.pid}: there is no such process.`);
  }
  return { kind: 'attach', target: fd === undefined ? target : { ...target, fd: wholeNumber('--fd', fd) } };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { pid: { type: 'string' }, fd: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,10}$/.test(text)) {
    throw new UsageError(`${option} ${JSON.stringify(text)}: give a whole number.`);
  }
  return Number(text);
}
