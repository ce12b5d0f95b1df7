/** Asks what a rule shall do. Its answer is undefined when the user left it. */
import * as vscode from 'vscode';
import { mostRulePages, type RuleAction } from '../../native-helper/rules/faultRule.ts';
import type { FilePath } from '../../native-helper/rules/ruleSchema.ts';
import { pick, type } from '../commands/steps/ask.ts';
import { askAction, type ServingIoctlId } from '../commands/steps/askAction.ts';
import { askDontWake } from '../commands/steps/askMode.ts';
import { ioctlTexts } from '../commands/steps/pickIoctl.ts';
import { parsePages } from '../commands/pageInput.ts';

/** No preflight: a rule is for faults that have not happened. */
const ioctls: readonly ServingIoctlId[] = ['copy', 'zeropage', 'continue', 'unprotect', 'protect', 'poison'];
/**
 * @param imageBase address to begin with when asked for an image's base
 * @param chooseFile shows the dialog for a file of page contents
 * @throws Error when a file cannot be used; its message is a sentence for people
 */
export async function askRuleAction(
  title: string,
  imageBase: string,
  chooseFile: () => Promise<FilePath | undefined>,
): Promise<RuleAction<FilePath> | undefined> {
  const texts = ioctlTexts();
  const picked = await pick(title, vscode.l10n.t('Choose what the rule does'), [
    {
      label: vscode.l10n.t('Hold'),
      description: vscode.l10n.t('the thread sleeps until you resolve the fault'),
      ask: () => Promise.resolve({ do: 'hold' } as const),
    },
    {
      label: vscode.l10n.t('Log'),
      description: vscode.l10n.t('note the fault in the event log and go on with the next rule'),
      ask: () => Promise.resolve({ do: 'log' } as const),
    },
    {
      label: vscode.l10n.t('Wake without a page'),
      description: vscode.l10n.t('the thread faults again'),
      ask: () => Promise.resolve({ do: 'wake' } as const),
    },
    ...ioctls.map((id) => ({
      label: texts[id].name,
      description: texts[id].does,
      ask: () => askResolve(title, id, imageBase, chooseFile),
    })),
  ]);
  return picked?.ask();
}

async function askResolve(
  title: string,
  id: ServingIoctlId,
  imageBase: string,
  chooseFile: () => Promise<FilePath | undefined>,
): Promise<RuleAction<FilePath> | undefined> {
  const actionWith = await askAction(title, id, { offers: [], imageBase, chooseFile });
  const length = actionWith && (await askRuleLength(title));
  // Arming the protection wakes nobody anyway, and the kernel refuses DONTWAKE with it.
  const dontWake = length && (id === 'protect' ? false : await askDontWake(title));
  return dontWake === undefined ? undefined : { do: 'resolve', action: actionWith!(dontWake), ...length! };
}

async function askRuleLength(
  title: string,
): Promise<{ readonly lengthPages: number; readonly around: boolean } | undefined> {
  const askPages = async (around: boolean) => {
    const hint = vscode.l10n.t('Pages for each fault: 1 to {0}', mostRulePages);
    const lengthPages = await type(title, hint, '16', (text) => parsePages(text, mostRulePages) ?? hint);
    return lengthPages === undefined ? undefined : { lengthPages, around };
  };
  const picked = await pick(title, vscode.l10n.t('Choose the pages to provide'), [
    {
      label: vscode.l10n.t('The fault’s page'),
      ask: () => Promise.resolve({ lengthPages: 1, around: false }),
    },
    {
      label: vscode.l10n.t('Several pages around the fault…'),
      description: vscode.l10n.t('prefetch; those already there are passed over'),
      ask: () => askPages(true),
    },
    {
      label: vscode.l10n.t('Several pages from the fault on…'),
      description: vscode.l10n.t('the range must have that many'),
      ask: () => askPages(false),
    },
  ]);
  return picked?.ask();
}
