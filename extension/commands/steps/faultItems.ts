/** How open faults look in a pick. */
import * as vscode from 'vscode';
import { faultFlagsInWords } from '../../../native-helper/abi/uffdAbi.ts';
import type { OpenFault } from '../../../native-helper/log/openFaults.ts';
import type { DebugSession } from '../../session/debugSession.ts';
import { isResolvedButSleeping } from '../../session/faultTrace.ts';
import { withoutIcons } from '../../target/withoutIcons.ts';
import type { Selection } from '../../timeline/timelineController.ts';
import { hexOf } from '../pageInput.ts';
import { rangeText } from './rangeText.ts';

export interface FaultItem extends vscode.QuickPickItem {
  readonly faultIds: readonly number[];
}

/**
 * Items for several of `faults` at once: those selected in the timeline, all, and those of each
 * range, where that is not the same.
 * @param allLabel label of the item for all, given their number
 */
export function groupItems(
  session: DebugSession,
  faults: readonly OpenFault[],
  selection: Selection,
  allLabel: (count: number) => string,
): FaultItem[] {
  const open = new Set(faults.map(({ id }) => id));
  const selected = selection.faultIds.filter((id) => open.has(id));
  const groups: FaultItem[] = [];
  if (selected.length > 1) {
    groups.push({
      label: vscode.l10n.t('The {0} faults selected in the timeline', selected.length),
      faultIds: selected,
    });
  }
  if (faults.length > 1) {
    groups.push({ label: allLabel(faults.length), faultIds: [...open] });
  }
  for (const range of session.ranges) {
    const start = BigInt(range.start);
    const end = start + BigInt(range.lengthBytes);
    const inside = faults.filter(({ address }) => address >= start && address < end).map(({ id }) => id);
    if (inside.length > 1 && inside.length < faults.length) {
      groups.push({
        label: vscode.l10n.t('All {0} in {1}', inside.length, rangeText(range)),
        description: withoutIcons(range.backing),
        faultIds: inside,
      });
    }
  }
  return groups;
}

/** Items of `faults` in their order, but the one whose details the timeline shows first. */
export function faultItems(
  session: DebugSession,
  faults: readonly OpenFault[],
  { faultId }: Selection,
): FaultItem[] {
  const selected = faults.filter(({ id }) => id === faultId);
  const others = faults.filter(({ id }) => id !== faultId);
  return [...selected, ...others].map((fault) => faultItem(session, fault, fault.id === faultId));
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
    label: `#${fault.id}  ${hexOf(fault.address)}`,
    description: withoutIcons(facts.join(' · ')),
    faultIds: [fault.id],
  };
}

function threadName(session: DebugSession, tid: number): string {
  const comm = session.threads.find((thread) => thread.tid === tid)?.comm ?? '';
  return tid === 0 ? vscode.l10n.t('unknown thread') : `${comm} ${tid}`.trim();
}
