/** The table of all commands. Each is always there and explains itself when it cannot act. */
import * as v from 'valibot';
import * as vscode from 'vscode';
import type { LaneDto, ViewCommand } from '../webview/protocol.ts';
import { attachToProcess } from './commands/attachToProcess.ts';
import { closeSession } from './commands/closeSession.ts';
import type { CommandServices } from './commands/commandServices.ts';
import { detach, detachAll } from './commands/detach.ts';
import { ioctlOnRange } from './commands/ioctlOnRange.ts';
import { launchProgram } from './commands/launchProgram.ts';
import { resolveFault } from './commands/resolveFault.ts';
import { runHelperAsRoot } from './commands/runHelperAsRoot.ts';
import { startDemoTarget } from './commands/startDemoTarget.ts';
import { switchSession } from './commands/switchSession.ts';
import { wake } from './commands/wake.ts';
import { Command, type CommandId, timelineCommands } from './contributions.ts';
import { DisposableStore, type Disposable } from './disposableStore.ts';
import { noHeldFaults, notAttached, sessionIsOver, timelineNotOpen } from './messages/sessionMessages.ts';
import { nothingRecorded, recordingIsOver } from './messages/traceMessages.ts';
import { showMessage, type UserMessage } from './messages/userMessage.ts';
import { isHeld, isResolvedButSleeping } from './session/faultTrace.ts';
import { activeTimeline } from './timeline/activeTimeline.ts';
import type { TimelineSession } from './timeline/timelineSession.ts';

const integer = v.pipe(v.number(), v.integer());
const LaneArgument = v.object({
  uffdLane: v.variant('by', [
    v.object({ by: v.literal('thread'), tid: integer }),
    v.object({ by: v.literal('code'), code: v.nullable(v.string()) }),
    v.object({
      by: v.literal('range'),
      range: v.nullable(v.object({ page: integer, lengthBytes: integer })),
    }),
  ]),
});

export function registerCommands(services: CommandServices): Disposable {
  const inTimeline = (command: ViewCommand) => (argument?: unknown) => {
    const active = activeTimeline(services);
    const obstacle =
      obstacleTo(command, active.session) ??
      (active.send(command, laneOf(argument)) ? null : timelineNotOpen());
    if (obstacle !== null) {
      showMessage(obstacle);
    }
  };
  const handlers: Record<CommandId, (argument?: unknown) => unknown> = {
    [Command.attachToProcess]: (argument) => attachToProcess(services, withoutAddress(argument)),
    [Command.launchProgram]: (argument) => launchProgram(services, argument),
    [Command.showTimeline]: () => services.timeline.show(),
    [Command.resolveFault]: () => resolveFault(services),
    [Command.ioctlOnRange]: () => ioctlOnRange(services),
    [Command.wake]: () => wake(services),
    [Command.switchSession]: () => switchSession(services),
    [Command.detach]: (argument) => detach(services, argument),
    [Command.detachAll]: () => detachAll(services),
    [Command.closeSession]: (argument) => closeSession(services, argument),
    [Command.runHelperAsRoot]: () => runHelperAsRoot(services),
    [Command.startDemoTarget]: () => startDemoTarget(services),
  };
  const inPage = timelineCommands.map(([id, command]) => [id, inTimeline(command)] as const);
  const store = new DisposableStore();
  for (const [id, handler] of [...Object.entries(handlers), ...inPage]) {
    store.add(vscode.commands.registerCommand(id, handler));
  }
  return store;
}

/** A menu of the editor title gives its editor's address, which says nothing. */
function withoutAddress(argument: unknown): unknown {
  return argument instanceof vscode.Uri ? undefined : argument;
}

/** The lane that a menu of the timeline was about, as the page has named it. */
function laneOf(argument: unknown): LaneDto | undefined {
  const named = v.safeParse(LaneArgument, argument);
  return named.success ? named.output.uffdLane : undefined;
}

/** Why a command of the timeline would do nothing in the session as it is; null when it would. */
function obstacleTo(command: ViewCommand, session: TimelineSession | null): UserMessage | null {
  if (command === 'toggleKeys' && session !== null) {
    return null;
  }
  if (session === null) {
    return notAttached();
  }
  const isLiveOnly = command === 'toggleFollow' || command === 'focusResolveForm';
  if (session.end !== null && isLiveOnly) {
    return session.end.reason === 'recording' ? recordingIsOver() : sessionIsOver();
  }
  if (session.revision === 0) {
    return nothingRecorded();
  }
  const open = session.trace.openFaults();
  return command === 'focusResolveForm' && !open.some(isHeld)
    ? noHeldFaults(open.filter(isResolvedButSleeping).length)
    : null;
}
