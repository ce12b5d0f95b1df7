/**
 * Attach to Process…: pick a target, take its uffd over, show the timeline. Sessions that are
 * attached already stay; a uffd that has one is shown.
 *
 * Keybindings and other extensions may name the target: `{ "pid": 123, "fd": 7, "freeze": true }`,
 * where `fd` may be left out when the process has exactly one uffd, and `freeze` stops a live
 * handler for the length of the session.
 */
import * as v from 'valibot';
import * as vscode from 'vscode';
import type { AttachParams } from '../../native-helper/protocol/session.ts';
import { Command } from '../contributions.ts';
import { HelperRefusal } from '../helper/helperError.ts';
import { invalidArgument, requestFailed } from '../messages/requestMessages.ts';
import { forkEventsAreTaken, handlerIsLive } from '../messages/sessionMessages.ts';
import { showMessage } from '../messages/userMessage.ts';
import type { DebugSession } from '../session/debugSession.ts';
import { pickDescriptors, pickTargets } from '../target/processPicker.ts';
import { targetName } from '../target/targetName.ts';
import type { CommandServices } from './commandServices.ts';
import { attachArgument } from './attachArgument.ts';

export async function attachToProcess(services: CommandServices, argument?: unknown): Promise<void> {
  const { helper, registry } = services;
  const parsed = v.safeParse(v.optional(attachArgument), argument ?? undefined);
  if (!parsed.success) {
    showMessage(invalidArgument(Command.attachToProcess, v.summarize(parsed.issues)));
    return;
  }
  let targets: readonly AttachParams[];
  try {
    targets = parsed.output === undefined ? await pickTargets(helper, registry) : [parsed.output];
  } catch (error) {
    tellFailure(services, error, () => attachToProcess(services));
    return;
  }
  for (const target of targets) {
    await attachTo(services, target);
  }
}

/** Takes one uffd over, or shows the session that has it; a failure is told. */
async function attachTo(services: CommandServices, target: AttachParams): Promise<void> {
  const retry = (): Promise<void> => attachTo(services, target);
  try {
    await takeOver(services, target);
  } catch (error) {
    const refusal = error instanceof HelperRefusal ? error.refusal : undefined;
    if (refusal === 'handlerIsLive' && error instanceof HelperRefusal) {
      services.log.info(`Attach to Process: ${error.message}`);
      showMessage(handlerIsLive(error.message, () => attachTo(services, { ...target, freeze: true }), retry));
    } else if (refusal === 'severalUffds') {
      await attachToSeveral(services, target);
    } else if (refusal !== 'alreadyAttached' || !(await showAttached(services, target))) {
      tellFailure(services, error, retry, target.pid);
    }
  }
}

/** @throws HelperRefusal, HelperGone */
async function takeOver(
  { registry, rules, timeline, log }: CommandServices,
  target: AttachParams,
): Promise<void> {
  const session = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Window,
      title: vscode.l10n.t('Attaching to process {0}…', target.pid),
    },
    async () => registry.attach({ ...target, rules: await rules.ruleDtos() }),
  );
  log.info(`Attached to ${targetName(session.dto)}, descriptor ${session.dto.uffd.fd}.`);
  session.dto.notes.forEach((note) => log.info(note));
  timeline.show();
  if (session.dto.uffd.features.includes('EVENT_FORK')) {
    showMessage(forkEventsAreTaken(targetName(session.dto)));
  }
}

/** The process has several uffds: asks which. */
async function attachToSeveral(services: CommandServices, target: AttachParams): Promise<void> {
  const { helper, registry } = services;
  try {
    const processes = await helper.listProcesses(() => undefined);
    const process = processes.find(({ pid }) => pid === target.pid);
    for (const chosen of process === undefined ? [] : await pickDescriptors(process, registry)) {
      await attachTo(services, { ...target, ...chosen });
    }
  } catch (error) {
    tellFailure(services, error, () => attachToSeveral(services, target), target.pid);
  }
}

/** Shows the session that has this uffd; false when none of ours has it. */
async function showAttached(
  { helper, registry, timeline }: CommandServices,
  { pid, fd }: AttachParams,
): Promise<boolean> {
  // Another process may have it open too: the kernel's object is what counts.
  const processes = await helper.listProcesses(() => undefined).catch(() => []);
  const uffds = processes.find((process) => process.pid === pid)?.uffds ?? [];
  const inodes = uffds.filter((uffd) => fd === undefined || uffd.fd === fd).map(({ inode }) => inode);
  const session: DebugSession | undefined = registry.attachedSessions.find(({ dto }) =>
    inodes.includes(dto.uffd.inode),
  );
  if (session !== undefined) {
    registry.show(session);
    timeline.show();
  }
  return session !== undefined;
}

function tellFailure(
  { log }: CommandServices,
  error: unknown,
  retry: () => Promise<void>,
  pid?: number,
): void {
  log.error(`Attach to Process: ${String(error)}`);
  showMessage(requestFailed(error, log, retry, pid));
}
