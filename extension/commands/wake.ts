/** Wake…: release the threads of chosen faults, in an order chosen, or of a range. */
import * as vscode from 'vscode';
import type { PagesDto } from '../../native-helper/protocol/ioctls.ts';
import { requestFailed } from '../messages/requestMessages.ts';
import { batchResult } from '../messages/resultMessages.ts';
import { showMessage } from '../messages/userMessage.ts';
import type { DebugSession } from '../session/debugSession.ts';
import { isResolvedButSleeping } from '../session/faultTrace.ts';
import type { Selection } from '../timeline/timelineController.ts';
import { attachedSession } from './attachedSession.ts';
import type { CommandServices } from './commandServices.ts';
import type { AddressRange } from './pageInput.ts';
import { runBatch } from './runBatch.ts';
import { pick } from './steps/ask.ts';
import { typeRange } from './steps/askRange.ts';
import { faultItems, groupItems, type FaultItem } from './steps/faultItems.ts';
import { pickWakeOrder } from './steps/pickWakeOrder.ts';
import { rangeText } from './steps/rangeText.ts';

const title = vscode.l10n.t('Wake');

export async function wake(services: CommandServices): Promise<void> {
  const { registry, timeline } = services;
  const session = attachedSession(registry);
  if (session !== undefined) {
    await wakeWhat(services, session, () => askWhat(session, timeline.selection));
  }
}

/** Wakes every thread asleep in a range; says what became of it. */
export function wakeRange(
  services: Pick<CommandServices, 'log'>,
  session: DebugSession,
  { start, lengthBytes }: AddressRange,
): Promise<void> {
  return wakeWhat(services, session, () => Promise.resolve({ start, lengthBytes }));
}

async function wakeWhat(
  services: Pick<CommandServices, 'log'>,
  session: DebugSession,
  ask: () => Promise<PagesDto | undefined>,
): Promise<void> {
  try {
    const what = await ask();
    if (what !== undefined) {
      const result = await runBatch(title, (control) => session.wake(what, control));
      showMessage(batchResult(result, (range) => wakeRange(services, session, range)));
    }
  } catch (error) {
    services.log.error(`Wake: ${String(error)}`);
    showMessage(requestFailed(error, services.log));
  }
}

async function askWhat(session: DebugSession, selection: Selection): Promise<PagesDto | undefined> {
  const [first] = await session.refreshRanges();
  const open = session.trace.openFaults();
  // Waking a resolved fault lets its thread go on; an unresolved one only faults again.
  const resolved = open.filter(isResolvedButSleeping);
  const unresolved = open.filter((fault) => !isResolvedButSleeping(fault));
  const allOpen = (count: number): string => vscode.l10n.t('All {0} open faults', count);
  const allAsleep = (count: number): string => vscode.l10n.t('All {0} that are resolved and asleep', count);
  const [asleepItem] = unresolved.length === 0 ? [] : groupItems(session, resolved, noSelection, allAsleep);
  const items: (FaultItem | RangeItem)[] = [
    ...groupItems(session, open, selection, allOpen),
    ...(asleepItem === undefined ? [] : [asleepItem]),
    ...faultItems(session, [...resolved, ...unresolved], selection),
    {
      label: vscode.l10n.t('A range of addresses…'),
      description: vscode.l10n.t('also reaches threads whose fault is not listed here'),
      faultIds: null,
    },
  ];
  const picked = await pick(title, vscode.l10n.t('Choose whose threads to wake'), items);
  if (picked === undefined) {
    return undefined;
  }
  if (picked.faultIds === null) {
    return typeRange(title, first === undefined ? '' : rangeText(first));
  }
  const byId = new Map(open.map((fault) => [fault.id, fault]));
  const chosen = picked.faultIds.map((id) => byId.get(id)!);
  const selected = new Set(selection.faultIds);
  const isSelection = picked.faultIds.every((id) => selected.has(id));
  const faultIds = await pickWakeOrder(title, chosen, isSelection);
  return faultIds && { faultIds };
}

const noSelection: Selection = { faultId: null, faultIds: [] };

/** The item that leads to a typed range. */
interface RangeItem extends vscode.QuickPickItem {
  readonly faultIds: null;
}
