/**
 * Attach to Process…: pick a target, take its uffd over, show the timeline.
 *
 * Keybindings and other extensions may name the target: `{ "pid": 123, "fd": 7, "freeze": true }`,
 * where `fd` may be left out when the process has exactly one uffd, and `freeze` stops a live
 * handler for the length of the session.
 */
import * as v from 'valibot';
import * as vscode from 'vscode';
import type { AttachParams } from '../../native-helper/protocol.ts';
import { Command } from '../contributions.ts';
import { HelperRefusal } from '../helper/helperError.ts';
import type { HelperClient } from '../helper/helperClient.ts';
import type { DebugSession } from '../session/debugSession.ts';
import { pickDescriptor, pickTarget } from '../target/processPicker.ts';
import { targetName } from '../target/targetName.ts';
import * as userErrors from '../userErrors.ts';
import type { CommandServices } from './commandServices.ts';
import { attachArgument } from './attachArgument.ts';

export async function attachToProcess(services: CommandServices, argument?: unknown): Promise<void> {
  const { helper, log } = services;
  const parsed = v.safeParse(v.optional(attachArgument), argument ?? undefined);
  if (!parsed.success) {
    userErrors.showMessage(userErrors.invalidArgument(Command.attachToProcess, v.summarize(parsed.issues)));
    return;
  }
  if (explainOtherSession(services, () => attachToProcess(services, argument))) {
    return;
  }
  let target = parsed.output;
  try {
    target ??= await pickTarget(helper);
    if (target !== undefined) {
      await attachTo(services, target);
    }
  } catch (error) {
    log.error(`Attach to Process: ${String(error)}`);
    const retry = (): Promise<void> => attachToProcess(services, argument);
    userErrors.showMessage(userErrors.requestFailed(error, log, retry, target?.pid));
  }
}

/**
 * True when another session is in the way; what can be done about it has been said then.
 * @param goOn what the user wanted, for after a detach
 */
export function explainOtherSession(services: CommandServices, goOn: () => Promise<void>): boolean {
  const { registry } = services;
  const session = registry.attachedByUser;
  if (registry.isAttaching) {
    userErrors.showMessage(userErrors.attachUnderWay());
  } else if (session !== null) {
    userErrors.showMessage(
      userErrors.alreadyAttached(targetName(session.dto), () => detachAndGoOn(services, session, goOn)),
    );
  }
  return registry.isAttaching || session !== null;
}

async function detachAndGoOn(
  services: CommandServices,
  session: DebugSession,
  goOn: () => Promise<void>,
): Promise<void> {
  try {
    await session.detach();
  } catch (error) {
    services.log.error(`Detach: ${String(error)}`);
    userErrors.showMessage(userErrors.requestFailed(error, services.log));
    return;
  }
  await goOn();
}

async function attachTo(services: CommandServices, target: AttachParams): Promise<void> {
  const { registry, helper, rules, timeline, log } = services;
  // Again, because another attach may have come while the user was choosing.
  if (explainOtherSession(services, () => attachToProcess(services, target))) {
    return;
  }
  try {
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
      userErrors.showMessage(userErrors.forkEventsAreTaken(targetName(session.dto)));
    }
  } catch (error) {
    if (error instanceof HelperRefusal && error.refusal === 'handlerIsLive') {
      log.info(`Attach to Process: ${error.message}`);
      userErrors.showMessage(
        userErrors.handlerIsLive(
          error.message,
          () => attachToProcess(services, { ...target, freeze: true }),
          () => attachToProcess(services, target),
        ),
      );
      return;
    }
    if (!(error instanceof HelperRefusal) || error.refusal !== 'severalUffds') {
      throw error;
    }
    const chosen = await chooseDescriptor(helper, target.pid);
    if (chosen !== undefined) {
      await attachTo(services, { ...target, ...chosen });
    }
  }
}

async function chooseDescriptor(helper: HelperClient, pid: number): Promise<AttachParams | undefined> {
  const processes = await helper.listProcesses(() => undefined);
  const process = processes.find((candidate) => candidate.pid === pid);
  return process && pickDescriptor(process);
}
