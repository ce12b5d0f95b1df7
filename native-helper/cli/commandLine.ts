/** uffdbg's command line. */
import { parseArgs } from 'node:util';

/** What uffdbg's exit code says. */
export const ExitCode = {
  served: 0,
  /** A mistake in uffdbg itself. */
  bug: 1,
  usage: 2,
  refused: 3,
  failed: 4,
} as const;

export const help = `Usage: uffdbg serve --pid PID [--fd FD] --rules FILE [--freeze] [--json]

Takes over a userfaultfd of a process and answers its page faults by the rules of a file.
A fault that no rule matches is held. However uffdbg ends, every thread that still sleeps in
a fault is woken and faults again, for whoever reads next.

Options:
  --pid PID     process that has the userfaultfd open
  --fd FD       descriptor in that process; needed when it has several
  --rules FILE  rules, as JSON: { "rules": [ … ] }; paths in it are relative to its folder
  --freeze      stop a live handler inside its wait meanwhile; without it one is refused
  --json        one JSON object per line for each event, instead of text
  --help        this text
  --version     version

Ctrl+C, SIGTERM and SIGHUP end it, and so does closing its output.

Exit codes:
  0  served until it was told to stop, or the process or its userfaultfd was gone
  1  a mistake in uffdbg itself
  2  the command line, the rules file or a file that it names is wrong; nothing was attached
  3  the take over was refused; nothing was read
  4  the take over failed later; every thread was woken
`;

export interface ServeOptions {
  readonly pid: number;
  readonly fd: number | undefined;
  readonly rulesFile: string;
  readonly freeze: boolean;
  readonly json: boolean;
}

export type Command =
  | { readonly do: 'help' }
  | { readonly do: 'version' }
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
  if (command !== 'serve') {
    return refuse(command === undefined ? 'A command is missing.' : `There is no command "${command}".`);
  }
  if (surplus !== undefined) {
    return refuse(`"${surplus}" is one argument too many.`);
  }
  if (values.pid === undefined || values.rules === undefined) {
    return refuse(`${values.pid === undefined ? '--pid' : '--rules'} is missing.`);
  }
  const pid = wholeNumber(values.pid, 1);
  if (pid === undefined) {
    return refuse(`--pid must be a process id, not "${values.pid}".`);
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
