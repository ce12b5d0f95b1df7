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

inspect shows every userfaultfd with its holders, handler threads, ranges and sleeping threads,
and says in a sentence why one is stuck. It reads only /proc: no program notices.

doctor checks each gate between uffdbg and a process by its name (uids, capabilities, Yama, seccomp and so
on), says which one refuses and which command would open it. It attaches to nothing and changes nothing.

serve takes over a userfaultfd of a process and answers its page faults by the rules of a file.
A fault that no rule matches is held. However uffdbg ends, every thread that still sleeps in
a fault is woken and faults again, for whoever reads next.

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
  3  the process is not there, or the take over was or would be refused; nothing was read
  4  the take over failed later; every thread was woken
  70 a mistake in uffdbg itself
`;

export interface ServeOptions {
  readonly pid: number;
  readonly fd: number | undefined;
  readonly rulesFile: string;
  readonly freeze: boolean;
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
export function parseCommandLine(args: readonly string[]): Command {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
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
  if (pid === undefined || values.rules === undefined) {
    return refuse(`${pid === undefined ? '--pid' : '--rules'} is missing.`);
  }
  const fd = values.fd === undefined ? undefined : wholeNumber(values.fd, 0);
  if (values.fd !== undefined && fd === undefined) {
    return refuse(`--fd must be the number of a descriptor, not "${values.fd}".`);
  }
  return {
    do: 'serve',
    options: { pid, fd, rulesFile: values.rules, freeze: values.freeze, json: values.json },
  };
}

function refuse(text: string): Command {
  return { do: 'refuse', text };
}

function wholeNumber(text: string, least: number): number | undefined {
  const value = Number(text);
  return /^\d+$/.test(text) && value >= least && value <= 0x7fffffff ? value : undefined;
}
