/** Asks which faults a rule is for, from what the session shown has, or as text. */
import * as vscode from 'vscode';
import { faultFlagsInWords } from '../../native-helper/abi/uffdAbi.ts';
import type { OpenFault } from '../../native-helper/log/openFaults.ts';
import type { RangeDto } from '../../native-helper/protocol/ranges.ts';
import type { FaultKind } from '../../native-helper/rules/faultRule.ts';
import { pick, type } from '../commands/steps/ask.ts';
import type { DebugSession } from '../session/debugSession.ts';
import { formatCondition, parseCondition, type Condition } from './conditionText.ts';

/** As one line of text. */
export function askConditionText(title: string, condition: Condition): Promise<Condition | undefined> {
  const prompt = vscode.l10n.t(
    'missing, wp or minor, thread=NAME or TID, ranges START-END; all must hold, empty for every fault',
  );
  return type(title, prompt, formatCondition(condition), (text) => {
    const parsed = parseCondition(text);
    return 'problem' in parsed ? parsed.problem : parsed;
  });
}

/**
 * Offers the conditions that the session suggests; each can be edited afterwards.
 * @param session null when nothing is attached
 * @param fault the fault to make a rule from, if any
 */
export async function askCondition(
  title: string,
  session: DebugSession | null,
  fault: OpenFault | undefined,
): Promise<Condition | undefined> {
  const offers: { readonly label: string; readonly condition: Condition }[] = [
    ...(session === null || fault === undefined ? [] : likeFault(session, fault)),
    { label: vscode.l10n.t('Every fault'), condition: {} },
    ...(session?.ranges ?? []).map((range) => ({
      label: vscode.l10n.t('Faults of a range'),
      condition: { ranges: [rangeText(range)] },
    })),
    ...(session?.threads ?? []).map(({ tid, comm }) => ({
      label: vscode.l10n.t('Faults of a thread'),
      condition: { thread: comm === '' ? tid : comm },
    })),
    ...(['missing', 'wp', 'minor'] as const).map((kind) => ({
      label: vscode.l10n.t('Faults of a kind'),
      condition: { kinds: [kind] },
    })),
  ];
  const items = [
    ...offers.map(({ label, condition }) => ({
      label,
      description: formatCondition(condition),
      ask: () => Promise.resolve<Condition | undefined>(condition),
    })),
    {
      label: vscode.l10n.t('Write a condition…'),
      description: vscode.l10n.t('kinds, thread and ranges together'),
      ask: () => askConditionText(title, offers[0]!.condition),
    },
  ];
  const picked = await pick(title, vscode.l10n.t('Choose the faults that the rule is for'), items);
  return picked?.ask();
}

/** From narrow to wide. */
function likeFault(
  session: DebugSession,
  fault: OpenFault,
): { readonly label: string; readonly condition: Condition }[] {
  const label = vscode.l10n.t('Faults like fault {0}', fault.id);
  const kinds = [kindOf(fault.flags)];
  const range = session.ranges.find(({ start, lengthBytes }) => {
    const offset = fault.address - BigInt(start);
    return offset >= 0n && offset < BigInt(lengthBytes);
  });
  const ranges = range === undefined ? {} : { ranges: [rangeText(range)] };
  const comm = session.threads.find(({ tid }) => tid === fault.tid)?.comm ?? '';
  const thread = fault.tid === 0 ? {} : { thread: comm === '' ? fault.tid : comm };
  return [
    { label, condition: { kinds, ...thread, ...ranges } },
    { label, condition: { kinds, ...ranges } },
  ];
}

function kindOf(flags: bigint): FaultKind {
  const words = faultFlagsInWords(flags);
  return words.includes('WP') ? 'wp' : words.includes('MINOR') ? 'minor' : 'missing';
}

function rangeText({ start, lengthBytes }: RangeDto): string {
  return `${start}-0x${(BigInt(start) + BigInt(lengthBytes)).toString(16)}`;
}
