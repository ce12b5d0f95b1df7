/**
 * Launch Program…: starts a program as the helper's child and takes its first uffd over before the
 * first fault. Also ends programs that it has started.
 *
 * Keybindings and other extensions may name the program: `{ "program": "./handler", "args": ["-v"],
 * "cwd": "/path", "env": { "NAME": "value" } }`; all but `program` may be left out.
 */
import { homedir } from 'node:os';
import * as v from 'valibot';
import * as vscode from 'vscode';
import { Command } from '../contributions.ts';
import { joinWords, splitWords } from '../launch/commandLine.ts';
import { lastProgram, rememberProgram, type LastProgram } from '../launch/lastProgram.ts';
import type { LaunchedProgram } from '../launch/launchedPrograms.ts';
import { programRunsOn } from '../messages/programMessages.ts';
import { invalidArgument, requestFailed } from '../messages/requestMessages.ts';
import { showMessage } from '../messages/userMessage.ts';
import { targetName } from '../target/targetName.ts';
import type { CommandServices } from './commandServices.ts';
import { pick, type } from './steps/ask.ts';

const launchArgument = v.strictObject({
  program: v.pipe(v.string(), v.minLength(1)),
  args: v.optional(v.array(v.string()), []),
  cwd: v.optional(v.pipe(v.string(), v.startsWith('/')), defaultFolder),
  env: v.optional(v.record(v.string(), v.string()), {}),
});
type ProgramToLaunch = v.InferOutput<typeof launchArgument>;

interface LaunchItem extends vscode.QuickPickItem {
  readonly choose: () => Promise<ProgramToLaunch | undefined>;
}

const title = vscode.l10n.t('Launch Program');

export async function launchProgram(services: CommandServices, argument?: unknown): Promise<void> {
  const { log } = services;
  const parsed = v.safeParse(v.optional(launchArgument), argument ?? undefined);
  if (!parsed.success) {
    showMessage(invalidArgument(Command.launchProgram, v.summarize(parsed.issues)));
    return;
  }
  let program = parsed.output;
  try {
    program ??= await chooseProgram(services);
    if (program !== undefined) {
      await launch(services, program);
    }
  } catch (error) {
    log.error(`Launch Program: ${String(error)}`);
    showMessage(requestFailed(error, log, () => launchProgram(services, program)));
  }
}

async function launch(services: CommandServices, program: ProgramToLaunch): Promise<void> {
  const { programs, storage, registry, rules, timeline, log } = services;
  const { env, ...rest } = program;
  await rememberProgram(storage, rest);
  // Before it runs: from its first fault on it stands still until it is attached to.
  const ruleDtos = await rules.ruleDtos();
  const launched = await programs.start({ ...rest, env: { ...ownEnvironment(), ...env } });
  const session = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Waiting until {0} registers memory with a userfaultfd', launched.name),
      cancellable: true,
    },
    (_, cancellation) =>
      registry.attachLaunched({ launchId: launched.launchId, rules: ruleDtos }, cancellation),
  );
  if (session === null) {
    showMessage(programRunsOn(launched.name, launched.pid, () => stop(services, launched)));
    return;
  }
  log.info(`Launched ${targetName(session.dto)}, descriptor ${session.dto.uffd.fd}.`);
  session.dto.notes.forEach((note) => log.info(note));
  timeline.show();
}

async function stop({ programs, log }: CommandServices, program: LaunchedProgram): Promise<void> {
  try {
    await programs.stop(program);
  } catch (error) {
    log.error(`Stop ${program.name}: ${String(error)}`);
    showMessage(requestFailed(error, log));
  }
}

/** Asks what to launch; undefined when the user left, or ended a program instead. */
async function chooseProgram(services: CommandServices): Promise<ProgramToLaunch | undefined> {
  const { programs, storage } = services;
  const last = lastProgram(storage);
  const items: LaunchItem[] = [
    ...(last === undefined ? [] : [lastItem(last)]),
    {
      label: vscode.l10n.t('Type a Command…'),
      description: vscode.l10n.t('a program and its arguments'),
      choose: typeCommand,
    },
    {
      label: vscode.l10n.t('Choose a File…'),
      description: vscode.l10n.t('then type its arguments'),
      choose: chooseProgramFile,
    },
    ...programs.running.map((program) => stopItem(services, program)),
  ];
  const picked = await pick(title, vscode.l10n.t('Choose what to launch'), items);
  return picked?.choose();
}

function lastItem(last: LastProgram): LaunchItem {
  return {
    label: `$(history) ${joinWords([last.program, ...last.args])}`,
    description: vscode.l10n.t('again, in {0}', last.cwd),
    choose: () => Promise.resolve({ ...last, env: {} }),
  };
}

function stopItem(services: CommandServices, program: LaunchedProgram): LaunchItem {
  const { name, pid } = program;
  return {
    label: program.isStopping
      ? vscode.l10n.t('Kill {0} ({1}), which was asked to end and has not', name, pid)
      : vscode.l10n.t('Stop {0} ({1})', name, pid),
    choose: async () => {
      await stop(services, program);
      return undefined;
    },
  };
}

async function typeCommand(): Promise<ProgramToLaunch | undefined> {
  const words = await type(
    title,
    vscode.l10n.t(
      'The program and its arguments. Quotes and backslashes work as in a shell; nothing is expanded.',
    ),
    '',
    (text) => {
      const split = splitWords(text);
      return split.length === 0
        ? vscode.l10n.t('Type the path of a program, or a name to find in PATH.')
        : split;
    },
  );
  if (words === undefined) {
    return undefined;
  }
  const [program, ...args] = words;
  return { program: program!, args, cwd: defaultFolder(), env: {} };
}

async function chooseProgramFile(): Promise<ProgramToLaunch | undefined> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Choose the Program to Launch'),
      openLabel: vscode.l10n.t('Launch'),
    })) ?? [];
  if (uri === undefined) {
    return undefined;
  }
  const args = await type(
    title,
    vscode.l10n.t('Its arguments, none to leave it empty. Quotes and backslashes work as in a shell.'),
    '',
    splitWords,
  );
  return args && { program: uri.fsPath, args, cwd: defaultFolder(), env: {} };
}

function defaultFolder(): string {
  return vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? homedir();
}

/** Our environment without what VS Code added for itself. */
function ownEnvironment(): Record<string, string> {
  const ownOfVscode = /^(ELECTRON_|VSCODE_|NODE_OPTIONS$)/;
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !ownOfVscode.test(entry[0]),
    ),
  );
}
