/** Wake…: release the threads of chosen faults, of all open faults, or of a range. */
import * as vscode from 'vscode';
import type { WakeParams } from '../../native-helper/protocol.ts';
import type { DebugSession } from '../session/debugSession.ts';
import { isResolvedButSleeping } from '../session/faultTrace.ts';
import * as userErrors from '../userErrors.ts';
import type { CommandServices } from './commandServices.ts';
import { faultItems } from './faultItems.ts';
import { parseRange } from './pageInput.ts';

const title = vscode.l10n.t('Wake');
/** The timeline can take the focus between two steps; that must not end the command. */
const ignoreFocusOut = true;

export async function wake({ registry, timeline, log }: CommandServices): Promise<void> {
  const session = registry.attached;
  if (session === null) {
    userErrors.showMessage(userErrors.notAttached());
    return;
  }
  try {
    const what = await askWhat(session, timeline.selectedFaultId);
    if (what !== undefined) {
      userErrors.showMessage(userErrors.ioctlResults(await session.wake(what), false));
    }
  } catch (error) {
    log.error(`Wake: ${String(error)}`);
    userErrors.showMessage(userErrors.requestFailed(error, log));
  }
}

async function askWhat(
  session: DebugSession,
  selectedFaultId: number | null,
): Promise<WakeParams['what'] | undefined> {
  const open = session.trace.openFaults();
  // Waking a resolved fault lets its thread go on; an unresolved one only faults again.
  const resolved = open.filter(isResolvedButSleeping);
  const unresolved = open.filter((fault) => !isResolvedButSleeping(fault));
  const items: (vscode.QuickPickItem & { faultIds: readonly number[] | null })[] = faultItems(
    session,
    [...resolved, ...unresolved],
    selectedFaultId,
  );
  if (open.length > 1) {
    items.unshift({
      label: vscode.l10n.t('All {0} open faults', open.length),
      description: vscode.l10n.t('unresolved ones are raised again'),
      faultIds: open.map(({ id }) => id),
    });
  }
  items.push({
    label: vscode.l10n.t('A range of addresses…'),
    description: vscode.l10n.t('also reaches threads whose fault is not listed here'),
    faultIds: null,
  });
  const picked = await vscode.window.showQuickPick(items, {
    title,
    ignoreFocusOut,
    placeHolder: vscode.l10n.t('Choose whose threads to wake'),
    matchOnDescription: true,
  });
  if (picked === undefined) {
    return undefined;
  }
  return picked.faultIds === null ? askRange(session) : { faultIds: picked.faultIds };
}

async function askRange(session: DebugSession): Promise<WakeParams['what'] | undefined> {
  const [first] = await session.ranges();
  const hint = vscode.l10n.t(
    'START-END or START+LENGTH, such as 7f1200000000-7f1200001000 or 0x7f1200000000+4096',
  );
  const text = await vscode.window.showInputBox({
    title,
    ignoreFocusOut,
    prompt: hint,
    ...(first === undefined ? {} : { value: `${first.start}+${first.lengthBytes}` }),
    validateInput: (value) =>
      parseRange(value) === undefined ? vscode.l10n.t('This is no range. Write {0}.', hint) : undefined,
  });
  return text === undefined ? undefined : parseRange(text);
}
