/** How open faults look in a pick. */
import * as vscode from 'vscode';
import { faultFlagsInWords } from '../../native-helper/abi/uffdAbi.ts';
import type { OpenFault } from '../../native-helper/log/openFaults.ts';
import type { DebugSession } from '../session/debugSession.ts';
import { isResolvedButSleeping } from '../session/faultTrace.ts';
import { withoutIcons } from '../target/withoutIcons.ts';

export interface FaultItem extends vscode.QuickPickItem {
  readonly faultIds: readonly number[];
}

/** Items of `faults` in their order, but the one selected in the timeline first. */
export function faultItems(
  session: DebugSession,
  faults: readonly OpenFault[],
  selectedFaultId: number | null,
): FaultItem[] {
  const selected = faults.filter(({ id }) => id === selectedFaultId);
  const others = faults.filter(({ id }) => id !== selectedFaultId);
  return [...selected, ...others].map((fault) => faultItem(session, fault, fault.id === selectedFaultId));
}

function faultItem(session: DebugSession, fault: OpenFault, isSelected: boolean): FaultItem {
  const facts = [
    threadName(session, fault.tid),
    faultFlagsInWords(fault.flags).join(' '),
    isResolvedButSleeping(fault)
      ? vscode.l10n.t('resolved, still asleep')
      : vscode.l10n.t('held for {0} s', ((session.nowNs() - fault.raisedNs) / 1e9).toFixed(1)),
    ...(isSelected ? [vscode.l10n.t('selected in the timeline')] : []),
  ];
  return {
    label: `#${fault.id}  0x${fault.address.toString(16)}`,
    description: withoutIcons(facts.join(' · ')),
    faultIds: [fault.id],
  };
}

function threadName(session: DebugSession, tid: number): string {
  const comm = session.threads.find((thread) => thread.tid === tid)?.comm ?? '';
  return tid === 0 ? vscode.l10n.t('unknown thread') : `${comm} ${tid}`.trim();
}
