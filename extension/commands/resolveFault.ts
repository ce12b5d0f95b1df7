/**
 * Resolve Fault…: faults → ioctl → contents → length → wake now or not, by keyboard alone.
 * Leaving any step does nothing.
 */
import * as vscode from 'vscode';
import type { OpenFault } from '../../native-helper/log/openFaults.ts';
import { requestFailed } from '../messages/requestMessages.ts';
import { batchResult } from '../messages/resultMessages.ts';
import { noHeldFaults } from '../messages/sessionMessages.ts';
import { showMessage } from '../messages/userMessage.ts';
import type { ChosenFiles } from '../session/chosenFiles.ts';
import type { DebugSession, ResolvePlan } from '../session/debugSession.ts';
import { isHeld, isResolvedButSleeping } from '../session/faultTrace.ts';
import type { Selection } from '../timeline/timelineController.ts';
import { attachedSession } from './attachedSession.ts';
import type { CommandServices } from './commandServices.ts';
import { runBatch } from './runBatch.ts';
import { askAction, askMove } from './steps/askAction.ts';
import { askLength } from './steps/askLength.ts';
import { askDontWake } from './steps/askMode.ts';
import { sourceContext } from './steps/chooseFile.ts';
import { pickFaults } from './steps/pickFaults.ts';
import { pickIoctl } from './steps/pickIoctl.ts';
import { wakeRange } from './wake.ts';

const title = vscode.l10n.t('Resolve Fault');
const ioctls = ['copy', 'zeropage', 'continue', 'unprotect', 'poison', 'move'] as const;

export async function resolveFault(services: CommandServices): Promise<void> {
  const { registry, chosenFiles, timeline, log } = services;
  const session = attachedSession(registry);
  if (session === undefined) {
    return;
  }
  const open = session.trace.openFaults();
  const held = open.filter(isHeld);
  if (held.length === 0) {
    showMessage(noHeldFaults(open.filter(isResolvedButSleeping).length));
    return;
  }
  try {
    const plan = await askPlan(session, held, timeline.selection, chosenFiles);
    if (plan !== undefined) {
      const result = await runBatch(title, (control) => session.resolve(plan, control));
      showMessage(batchResult(result, (range) => wakeRange(services, session, range)));
    }
  } catch (error) {
    log.error(`Resolve Fault: ${String(error)}`);
    showMessage(requestFailed(error, log));
  }
}

/** Asks step by step. Undefined when one was left. */
async function askPlan(
  session: DebugSession,
  held: readonly OpenFault[],
  selection: Selection,
  files: ChosenFiles,
): Promise<ResolvePlan | undefined> {
  const ranges = await session.refreshRanges();
  const faultIds = await pickFaults(title, session, held, selection);
  if (faultIds === undefined) {
    return undefined;
  }
  const what = { faultIds };
  const preflight = await session.preflight(what);
  const id = await pickIoctl(title, preflight, ioctls);
  if (id === undefined) {
    return undefined;
  }
  const context = { offers: preflight.offers, ...sourceContext(session, files) };
  const actionWith = await (id === 'move' ? askMove(title) : askAction(title, id, context));
  if (actionWith === undefined) {
    return undefined;
  }
  const chosen = held.filter((fault) => faultIds.includes(fault.id));
  const length = await askLength(title, chosen, ranges, id !== 'move');
  const dontWake = length && (await askDontWake(title));
  return dontWake === undefined ? undefined : { what, action: actionWith(dontWake), ...length! };
}
