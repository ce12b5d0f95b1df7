/**
 * The commands of the attach doctor. Keybindings and other extensions may name the process:
 * `{ "pid": 123 }`, or `{}` for this machine only.
 */
import * as v from 'valibot';
import * as vscode from 'vscode';
import type { DoctorParams } from '../../native-helper/protocol/doctor.ts';
import { pick } from '../commands/steps/ask.ts';
import { DoctorCommand, type DoctorCommandId } from '../contributions.ts';
import { DisposableStore, type Disposable } from '../disposableStore.ts';
import type { HelperClient } from '../helper/helperClient.ts';
import { noRemedy } from '../messages/inspectMessages.ts';
import { invalidArgument, requestFailed } from '../messages/requestMessages.ts';
import { showMessage } from '../messages/userMessage.ts';
import { pickToExamine } from '../target/processPicker.ts';
import { remediesOf } from './doctorMarkdown.ts';
import { DoctorPages } from './doctorPages.ts';

const doctorArgument = v.strictObject({
  pid: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(0x7fffffff))),
});

export function registerDoctor(helper: HelperClient, log: vscode.LogOutputChannel): Disposable {
  const store = new DisposableStore();
  const pages = store.add(new DoctorPages(helper));
  const handlers: Record<DoctorCommandId, (argument?: unknown) => Promise<void>> = {
    [DoctorCommand.check]: (argument) => check(pages, helper, argument),
    [DoctorCommand.checkAgain]: () => check(pages, helper, pages.currentParams()),
    [DoctorCommand.copy]: () => copyCommand(pages),
  };
  for (const [id, handler] of Object.entries(handlers)) {
    store.add(
      vscode.commands.registerCommand(id, async (argument?: unknown) => {
        try {
          await handler(argument);
        } catch (error) {
          log.error(`${id}: ${String(error)}`);
          showMessage(requestFailed(error, log));
        }
      }),
    );
  }
  return store;
}

async function check(pages: DoctorPages, helper: HelperClient, argument: unknown): Promise<void> {
  const parsed = v.safeParse(v.optional(doctorArgument), argument ?? undefined);
  if (!parsed.success) {
    showMessage(invalidArgument(DoctorCommand.check, v.summarize(parsed.issues)));
    return;
  }
  const params: DoctorParams | undefined = parsed.output ?? (await pickToExamine(helper));
  if (params !== undefined) {
    await pages.show(params);
  }
}

/** Asks for a remedy of the page, and puts its command or line on the clipboard. */
async function copyCommand(pages: DoctorPages): Promise<void> {
  const report = pages.currentReport();
  const remedies = report === undefined ? [] : remediesOf(report.gates);
  if (remedies.length === 0) {
    showMessage(noRemedy());
    return;
  }
  const picked = await pick(
    vscode.l10n.t('Copy Command'),
    vscode.l10n.t('Choose what to copy; nothing is run'),
    remedies.map(({ remedy, opens }) => ({
      label: remedy.code,
      description: opens.join(', '),
      detail: remedy.cost,
    })),
  );
  if (picked !== undefined) {
    await vscode.env.clipboard.writeText(picked.label);
  }
}
