/**
 * Ioctl on Range…: any ioctl on a registered range, or on any other, by keyboard alone.
 * Leaving any step does nothing.
 */
import * as vscode from 'vscode';
import type { IoctlResultDto, RegisterMode } from '../../native-helper/protocol/ioctls.ts';
import type { PreflightDto } from '../../native-helper/protocol/preflight.ts';
import { requestFailed } from '../messages/requestMessages.ts';
import { batchResult, registerResult } from '../messages/resultMessages.ts';
import { showMessage } from '../messages/userMessage.ts';
import type { DebugSession } from '../session/debugSession.ts';
import { attachedSession } from './attachedSession.ts';
import type { CommandServices } from './commandServices.ts';
import type { AddressRange } from './pageInput.ts';
import { runBatch } from './runBatch.ts';
import { askAction, askMove, type ServingIoctlId } from './steps/askAction.ts';
import { askDontWake } from './steps/askMode.ts';
import { askRange } from './steps/askRange.ts';
import { sourceContext } from './steps/chooseFile.ts';
import { confirmRegister } from './steps/confirmRegister.ts';
import { pickIoctl } from './steps/pickIoctl.ts';
import { rangeText } from './steps/rangeText.ts';
import { wakeRange } from './wake.ts';

const title = vscode.l10n.t('Ioctl on Range');
const ioctls = [
  'copy',
  'zeropage',
  'continue',
  'protect',
  'unprotect',
  'poison',
  'move',
  'wake',
  'register',
  'unregister',
] as const;

export async function ioctlOnRange(services: CommandServices): Promise<void> {
  const { registry, log } = services;
  const session = attachedSession(registry);
  if (session === undefined) {
    return;
  }
  try {
    const range = await askRange(title, session);
    if (range !== undefined) {
      await chooseAndDo(services, session, range);
    }
  } catch (error) {
    log.error(`Ioctl on Range: ${String(error)}`);
    showMessage(requestFailed(error, log));
  }
}

async function chooseAndDo(
  services: CommandServices,
  session: DebugSession,
  range: AddressRange,
): Promise<void> {
  const preflight = await session.preflight(range);
  const rangeTitle = `${title} ${rangeText(range)}`;
  const id = await pickIoctl(rangeTitle, preflight, ioctls);
  switch (id) {
    case undefined:
      break;
    case 'wake':
      await wakeRange(services, session, range);
      break;
    case 'register':
      await register(services, session, range, await pickModes(rangeTitle));
      break;
    case 'unregister':
      await register(services, session, range, []);
      break;
    default:
      await resolve(services, session, range, id, preflight);
  }
}

async function resolve(
  services: CommandServices,
  session: DebugSession,
  range: AddressRange,
  id: ServingIoctlId | 'move',
  { offers }: PreflightDto,
): Promise<void> {
  const context = { offers, ...sourceContext(session, services.chosenFiles) };
  const actionWith = await (id === 'move' ? askMove(title) : askAction(title, id, context));
  // The kernel refuses DONTWAKE where protection is armed: nobody sleeps because it was not.
  const dontWake = actionWith && (id === 'protect' ? false : await askDontWake(title));
  if (actionWith === undefined || dontWake === undefined) {
    return;
  }
  const plan = { what: range, action: actionWith(dontWake), lengthPages: 1, around: false };
  const result = await runBatch(title, (control) => session.resolve(plan, control));
  showMessage(batchResult(result, (woken) => wakeRange(services, session, woken)));
}

/** @param modes none unregisters; undefined when they were not chosen */
async function register(
  services: CommandServices,
  session: DebugSession,
  range: AddressRange,
  modes: readonly RegisterMode[] | undefined,
): Promise<void> {
  if (modes === undefined || !(await confirmRegister(session, { ...range, modes }))) {
    return;
  }
  const result: IoctlResultDto = await session.register({ ...range, modes });
  showMessage(registerResult(result, (woken) => wakeRange(services, session, woken)));
}

async function pickModes(pickTitle: string): Promise<readonly RegisterMode[] | undefined> {
  const items: (vscode.QuickPickItem & { readonly mode: RegisterMode })[] = [
    {
      label: 'MISSING',
      description: vscode.l10n.t('accesses to missing pages'),
      mode: 'MISSING',
      picked: true,
    },
    { label: 'WP', description: vscode.l10n.t('writes to protected pages'), mode: 'WP' },
    { label: 'MINOR', description: vscode.l10n.t('accesses to pages in the page cache only'), mode: 'MINOR' },
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title: pickTitle,
    placeHolder: vscode.l10n.t('Choose which accesses shall fault'),
    ignoreFocusOut: true,
    canPickMany: true,
  });
  // Without a mode it would be UNREGISTER, which has an item of its own.
  return picked === undefined || picked.length === 0 ? undefined : picked.map(({ mode }) => mode);
}
