/** uffdbg's command line. */
import { parseArgs } from 'node:util';

/** What uffdbg's exit code says. */
export const ExitCode = {
  served: 0,
  /** Of `inspect`: something is stuck. */
  stuck: 1,
  usage: 2,
  refused: 3,
  failed: 4,
  /** A mistake in uffdbg itself (EX_SOFTWARE of sysexits.h). */
  bug: 70,
} as const;

export const help = `Usage: uffdbg inspect [--pid PID] [--json]
       uffdbg doctor [--pid PID] [--json]
       uffdbg serve --pid PID [--fd FD] --rules FILE [--freeze] [--json]
       uffdbg serve --rules FILE [--json] -- PROGRAM [ARGUMENT…]

inspect shows every userfaultfd with its holders, handler threads, ranges and sleeping threads,
and says in a sentence why one is stuck. It reads only /proc: no program notices.

doctor checks each gate between uffdbg and a process by its name (uids, capabilities, Yama, seccomp and so
on), says which one refuses and which command would open it. It attaches to nothing and changes nothing.

serve takes over a userfaultfd of a process and answers its page faults by the rules of a file.
A fault that no rule matches is held. However uffdbg ends, every thread that still sleeps in
a fault is woken and faults again, for whoever reads next.

With a PROGRAM, serve launches it and takes over its first userfaultfd before the first fault; its
own handler stands still meanwhile. Its output goes to standard error. It runs on when uffdbg ends.

Options:
  --pid PID     process that has the userfaultfd open, or whose memory it is
  --fd FD       descriptor in that process; needed when it has several
  --rules FILE  rules, as JSON: { "rules": [ … ] }; paths in it are relative to its folder
  --freeze      stop a live handler inside its wait meanwhile; without it one is refused
  --json        one JSON object per line for each event, instead of text
  --help        this text
  --version     version

Ctrl+C, SIGTERM and SIGHUP end it, and so does closing its output.

Exit codes:
  0  served until it was told to stop, or the process or its userfaultfd was gone; nothing is stuck;
     an attach would be allowed
  1  inspect: something is stuck
  2  the command line, the rules file or a file that it names is wrong; nothing was attached
  3  the process is not there, the program did not start or had no userfaultfd, or the take over
     was or would be refused; nothing was read
  4  the take over failed later; every thread was woken
  70 a mistake in uffdbg itself
`;

/** What is taken over: a uffd of a process, or the first one of a program to launch. */
export type ServedTarget =
  | { readonly pid: number; readonly fd: number | undefined; readonly freeze: boolean }
  | { readonly program: string; readonly args: readonly string[] };

export interface ServeOptions {
  readonly target: ServedTarget;
  readonly rulesFile: string;
  readonly json: boolean;
}

/** Of `inspect` and `doctor`. */
export interface ProcessOptions {
  readonly pid: number | undefined;
  readonly json: boolean;
}

export type Command =
  | { readonly do: 'help' }
  | { readonly do: 'version' }
  | { readonly do: 'inspect' | 'doctor'; readonly options: ProcessOptions }
  | { readonly do: 'serve'; readonly options: ServeOptions }
  /** `text` is a sentence. */
  | { readonly do: 'refuse'; readonly text: string };

/** @param args without Node and script */
export function parseCommandLine(allArgs: readonly string[]): Command {
  const end = allArgs.includes('--') ? allArgs.indexOf('--') : allArgs.length;
  const args = allArgs.slice(0, end);
  const [program, ...programArgs] = allArgs.slice(end + 1);
  let parsed;
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: {
        pid: { type: 'string' },
        fd: { type: 'string' },
        rules: { type: 'string' },
        freeze: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        version: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    // Its further sentences advise on positional arguments.
    return refuse((error as Error).message.split(/\. |\n/, 1)[0]!.replace(/\.$/, '') + '.');
  }
  const { values, positionals } = parsed;
  if (values.help) {
    return { do: 'help' };
  }
  if (values.version) {
    return { do: 'version' };
  }
  const [command, surplus] = positionals;
  if (command !== 'serve' && command !== 'inspect' && command !== 'doctor') {
    return refuse(command === undefined ? 'A command is missing.' : `There is no command "${command}".`);
  }
  if (surplus !== undefined) {
    return refuse(`"${surplus}" is one argument too many.`);
  }
  if (end < allArgs.length && (command === 'inspect' || program === undefined)) {
    return refuse(command === 'inspect' ? 'inspect takes no program.' : 'Behind -- a program is missing.');
  }
  const pid = values.pid === undefined ? undefined : wholeNumber(values.pid, 1);
  if (values.pid !== undefined && pid === undefined) {
    return refuse(`--pid must be a process id, not "${values.pid}".`);
  }
  if (command !== 'serve') {
    const [other] = (['fd', 'rules', 'freeze'] as const).filter((name) => (values[name] ?? false) !== false);
    return other === undefined
      ? { do: command, options: { pid, json: values.json } }
      : refuse(`${command} has no --${other}.`);
  }
  const { rules: rulesFile, json, freeze } = values;
  if (program !== undefined) {
    const [other] = (['pid', 'fd', 'freeze'] as const).filter((name) => (values[name] ?? false) !== false);
    if (other !== undefined) {
      return refuse(`A program to launch takes no --${other}.`);
    }
    return rulesFile === undefined
      ? refuse('--rules is missing.')
      : { do: 'serve', options: { target: { program, args: programArgs }, rulesFile, json } };
  }
  if (pid === undefined || rulesFile === undefined) {
    return refuse(`${pid === undefined ? '--pid' : '--rules'} is missing.`);
  }
  const fd = values.fd === undefined ? undefined : wholeNumber(values.fd, 0);
  if (values.fd !== undefined && fd === undefined) {
    return refuse(`--fd must be the number of a descriptor, not "${values.fd}".`);
  }
  return {
    do: 'serve',
    options: { target: { pid, fd, freeze }, rulesFile, json },
  };
}

function refuse(text: string): Command {
  return { do: 'refuse', text };
}

function wholeNumber(text: string, least: number): number | undefined {
  const value = Number(text);
  return /^\d+$/.test(text) && value >= least && value <= 0x7fffffff ? value : undefined;
}
