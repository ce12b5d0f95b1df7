/** How the helper's process is started, with whose rights. Pure: no VS Code. */
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';

/** By what the helper becomes root; `none` runs it as the user. */
export type Elevation = 'none' | 'sudo' | 'pkexec';

export interface HelperProgram {
  /** Path of dist/helper.cjs. */
  readonly module: string;
  /** Node program to run it with; empty for the extension host's own Node. */
  readonly nodePath: string;
  readonly elevation: Elevation;
}

export interface HelperCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** @param pipe what it is to connect to */
export function helperCommand(program: HelperProgram, pipe: string): HelperCommand {
  const { module, elevation } = program;
  if (elevation === 'none') {
    return {
      command: nodeOf(program),
      args: [module, `--pipe=${pipe}`],
      env: { ...process.env, ...asNode },
    };
  }
  return {
    command: elevation,
    args: [...wrapperOptions[elevation], ...rootCommand(program), `--pipe=${pipe}`],
    // Whatever the rules of sudo let through, nothing of ours is there that changes what Node does.
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
  };
}

/** What root is to run, without the pipe. */
export function rootCommand(program: HelperProgram): string[] {
  // sudo and pkexec drop variables, and without this one VS Code's program is no Node.
  const isElectron = program.nodePath === '' && 'electron' in process.versions;
  const variables = isElectron ? ['/usr/bin/env', 'ELECTRON_RUN_AS_NODE=1'] : [];
  return [...variables, nodeOf(program), program.module, '--elevated'];
}

/** The Node program that runs the helper. */
export function nodeOf({ nodePath }: HelperProgram): string {
  return nodePath === '' ? process.execPath : nodePath;
}

/** The line that lets a user run exactly that by `sudo -n` (sudoers(5)). */
export function sudoersLine(program: HelperProgram, user: string): string {
  const [command, ...args] = [...rootCommand(program), '--pipe='].map((word) =>
    word.replace(/[\\,:= \t*?[\]!#"]/g, '\\$&'),
  );
  return `${user} ALL=(root) NOPASSWD: ${command!} ${args.join(' ')}*`;
}

/**
 * The first file or folder that a third user owns or may write, of what root would load and on the
 * way there; undefined when there is none, so that it is in the hands of root and this user alone.
 * @throws Error when a file is not there
 */
export function untrustedPath(program: HelperProgram): string | undefined {
  const files = [nodeOf(program), program.module];
  const found = [...files, ...files.map((name) => realpathSync(name))];
  return [...found.flatMap(wayTo), ...loadedFrom(realpathSync(program.module))].find(isInOtherHands);
}

/** A file and the folders it lies in. */
function wayTo(file: string): string[] {
  const folder = path.dirname(file);
  return folder === file ? [file] : [file, ...wayTo(folder)];
}

/** All files and folders that the helper loads code from: those beside it, and its native library. */
function loadedFrom(module: string): string[] {
  const [, own, ...folders] = wayTo(module);
  const packages = folders
    .map((folder) => path.join(folder, 'node_modules'))
    .find((folder) => existsSync(path.join(folder, 'koffi')));
  const loaded = packages === undefined ? [] : ['koffi', '@koromix'].map((name) => path.join(packages, name));
  return [own!, ...loaded.flatMap(wayTo), ...[own!, ...loaded].flatMap(entriesOf)];
}

function entriesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => path.join(folder, name));
}

/** Whether somebody beside root and this user owns it or may write it. */
function isInOtherHands(file: string): boolean {
  const { uid, gid, mode } = statSync(file);
  const [ourUid, ourGid] = [process.getuid?.(), process.getgid?.()];
  const isOurs = uid === 0 || uid === ourUid;
  // A group of the user's own has the user's number.
  const isOurGroup = gid === 0 || (gid === ourGid && gid === ourUid);
  const isSticky = (mode & 0o1000) !== 0;
  const writers = (isOurGroup ? 0 : 0o020) | 0o002;
  return !isOurs || ((mode & writers) !== 0 && !isSticky);
}

const asNode = { ELECTRON_RUN_AS_NODE: '1', ELECTRON_NO_ASAR: '1' };

const wrapperOptions = {
  // Never asks: there is no terminal to type a password in.
  sudo: ['-n', '--'],
  // Asks in a window of the desktop's own agent.
  pkexec: ['--disable-internal-agent'],
} as const;
