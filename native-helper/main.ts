/**
 * The helper: a JSON-RPC server on a pipe (`--pipe=PATH`). It lists processes that own a
 * uffd, takes uffds over, and hands everything back when its client goes away.
 */
import { createConnection as connectPipe, type Socket } from 'node:net';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { GenericSchema } from 'valibot';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import type { BatchListener } from './attach/attachedUffd.ts';
import { GuardianPair } from './attach/guardianPair.ts';
import { checkParams } from './checkParams.ts';
import { checkGates } from './doctor/checkGates.ts';
import { doctorSystem } from './doctorSystem.ts';
import { wakeOnce } from './attach/wakeOnce.ts';
import { helperName } from './inspect/debuggerNames.ts';
import { launchNeedsNoRoot } from './helperErrors.ts';
import { connectToInvoker } from './elevation.ts';
import { Inspector } from './inspect/inspector.ts';
import { inspectProcess, listPids } from './inspect/processes.ts';
import { procRoot } from './inspect/procFile.ts';
import { Launches } from './launch/launches.ts';
import { machineSystem } from './machineSystem.ts';
import { DoctorRequest } from './protocol/doctor.ts';
import { ReadFileRequest, type BytesDto } from './protocol/files.ts';
import { PreviewRequest, ReadMemoryRequest } from './protocol/hexPreview.ts';
import { InspectRequest, InspectWakeRequest } from './protocol/inspect.ts';
import { BatchProgress, RegisterRequest, ResolveRequest, WakeRequest } from './protocol/ioctls.ts';
import {
  LaunchAttachRequest,
  LaunchDidExitNotification,
  LaunchDidPrintNotification,
  LaunchRequest,
  LaunchStopRequest,
} from './protocol/launch.ts';
import { LogDidAppendNotification, RowsAcknowledgedNotification } from './protocol/logRows.ts';
import { PreflightRequest } from './protocol/preflight.ts';
import { ProcessListProgress, ProcessListRequest, type ProcessDto } from './protocol/processes.ts';
import { RuleDidFailNotification, RulesDidHitNotification, SetRulesRequest } from './protocol/rules.ts';
import {
  AttachRequest,
  CodeDidAppearNotification,
  DetachRequest,
  MapDidChangeNotification,
  RangesDidChangeNotification,
  RangesRequest,
  SessionDidEndNotification,
  SessionDidForkNotification,
  SessionIsLastHolderNotification,
  ThreadDidAppearNotification,
} from './protocol/session.ts';
import { schemas } from './requestSchemas.ts';
import type { Session } from './session.ts';
import { Sessions } from './sessions.ts';
import { setThreadName } from './syscalls/threadName.ts';

/** Processes looked at before the event loop gets a turn. */
const scanChunk = 64;

const pipePath = process.argv.find((argument) => argument.startsWith('--pipe='))?.slice('--pipe='.length);
if (pipePath === undefined) {
  console.error('usage: helper.cjs --pipe=PATH (started by the Userfaultfd Debugger extension)');
  process.exit(2);
}

/** Root's rights for an ordinary user. */
const isElevated = process.argv.includes('--elevated');

setThreadName(helperName);
/** The helper's other programs are bundled beside it. */
const programs = path.dirname(process.argv[1]!);

const inspector = new Inspector(machineSystem);
const guardian = new GuardianPair(path.join(programs, 'guardian.cjs'), (reason) => {
  console.error(`guardian lost (${reason}): handing everything back`);
  void sessions.detachAll('guardianLost');
});
const pipe = isElevated ? connectOrEnd(pipePath) : connectPipe(pipePath);
// Given the streams, the server ends the process as soon as the pipe closes.
const connection = createConnection(ProposedFeatures.all, pipe, pipe);
const sessions = new Sessions(guardian, pathToFileURL(path.join(programs, 'readerThread.cjs')), {
  onRows: (params) => sent(connection.sendNotification(LogDidAppendNotification, params)),
  onThread: (sessionId, thread) =>
    sent(connection.sendNotification(ThreadDidAppearNotification, { sessionId, thread })),
  onCode: (sessionId, code) =>
    sent(connection.sendNotification(CodeDidAppearNotification, { sessionId, code })),
  onHits: (sessionId, hits) =>
    sent(connection.sendNotification(RulesDidHitNotification, { sessionId, hits })),
  onRuleFailed: (sessionId, rule, faultId, text) =>
    sent(connection.sendNotification(RuleDidFailNotification, { sessionId, rule, faultId, text })),
  onRanges: (sessionId, ranges) =>
    sent(connection.sendNotification(RangesDidChangeNotification, { sessionId, ranges })),
  onMapChange: (sessionId, change) =>
    sent(connection.sendNotification(MapDidChangeNotification, { sessionId, change })),
  onLastHolder: (sessionId, text) =>
    sent(connection.sendNotification(SessionIsLastHolderNotification, { sessionId, text })),
  onForked: (params) => sent(connection.sendNotification(SessionDidForkNotification, params)),
  readFile: async (params) =>
    Buffer.from(
      checkParams(schemas.fileBytes, await connection.sendRequest(ReadFileRequest, params)).bytes,
      'base64',
    ),
  onEnded: (params) => sent(connection.sendNotification(SessionDidEndNotification, params)),
});

const launches = new Launches(sessions, pathToFileURL(path.join(programs, 'launchTracer.cjs')), {
  onPrinted: (launchId, text) =>
    sent(connection.sendNotification(LaunchDidPrintNotification, { launchId, text })),
  onExited: (launchId, how) =>
    sent(connection.sendNotification(LaunchDidExitNotification, { launchId, how })),
});

function connectOrEnd(pipe: string): Socket {
  try {
    return connectToInvoker(pipe);
  } catch (error) {
    console.error((error as Error).message);
    process.exit(2);
  }
}

/** A notification can only fail when the client is gone, and then the pipe's close ends the helper. */
function sent(sending: Promise<void>): void {
  sending.catch(() => undefined);
}

process.on('exit', () => sessions.handBackNow());
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => process.exit(0));
}
// A bug must end the helper, not leave it half alive: the exit hands back.
process.on('uncaughtException', (error) => {
  console.error(error);
  process.exit(1);
});

connection.onInitialize(() => {
  guardian.start();
  return { capabilities: {} };
});
connection.onShutdown(() => sessions.detachAll('detached'));

connection.onRequest(ProcessListRequest, async (params, token) => {
  const { partialResultToken } = checkParams(schemas.processList, params);
  const found: ProcessDto[] = [];
  const pids = listPids(procRoot);
  for (let i = 0; i < pids.length && !token.isCancellationRequested; i += scanChunk) {
    const chunk = pids
      .slice(i, i + scanChunk)
      .map((pid) => inspectProcess(procRoot, pid))
      .filter((process) => process !== undefined);
    found.push(...chunk);
    if (partialResultToken !== undefined && chunk.length > 0) {
      await connection.sendProgress(ProcessListProgress, partialResultToken, chunk);
    }
    await setImmediate();
  }
  return found;
});
connection.onRequest(InspectRequest, (params) => inspector.inspect(checkParams(schemas.inspect, params).pid));
connection.onRequest(InspectWakeRequest, (params) => {
  wakeOnce(checkParams(schemas.inspectWake, params));
  return null;
});
connection.onRequest(DoctorRequest, (params) =>
  checkGates(doctorSystem, checkParams(schemas.doctor, params).pid),
);
connection.onRequest(AttachRequest, (params) => sessions.attach(checkParams(schemas.attach, params)));
connection.onRequest(DetachRequest, (params) => {
  const { session, rest } = ofSession(schemas.detach, params);
  return session.detach(rest);
});
connection.onRequest(RangesRequest, (params) => ofSession(schemas.session, params).session.ranges);
connection.onRequest(ResolveRequest, (params, cancellation) => {
  const { session, rest } = ofSession(schemas.resolve, params);
  return session.resolve(rest, { cancellation, onProgress: progressOf(rest.progressToken) });
});
connection.onRequest(WakeRequest, (params, cancellation) => {
  const { session, rest } = ofSession(schemas.wake, params);
  return session.wake(rest, { cancellation, onProgress: progressOf(rest.progressToken) });
});
connection.onRequest(RegisterRequest, (params) => {
  const { session, rest } = ofSession(schemas.register, params);
  return session.register(rest);
});
connection.onRequest(PreflightRequest, (params) => {
  const { session, rest } = ofSession(schemas.preflight, params);
  return session.preflight(rest);
});
connection.onRequest(PreviewRequest, async (params) => {
  const { session, rest } = ofSession(schemas.preview, params);
  return bytesDto(await session.preview(rest));
});
connection.onRequest(ReadMemoryRequest, (params) => {
  const { session, rest } = ofSession(schemas.readMemory, params);
  return bytesDto(session.readMemory(rest));
});
connection.onRequest(SetRulesRequest, async (params) => {
  const { session, rest } = ofSession(schemas.setRules, params);
  await session.setRules(rest.rules);
  return null;
});

connection.onNotification(RowsAcknowledgedNotification, (params) => {
  try {
    const { sessionId, lastSequence } = checkParams(schemas.rowsAcknowledged, params);
    // It may have ended meanwhile.
    sessions.find(sessionId)?.acknowledge(lastSequence);
  } catch (error) {
    // A notification has no answer.
    console.error(`rows/acknowledged: ${(error as Error).message}`);
  }
});

connection.onRequest(LaunchRequest, (params) => {
  const program = checkParams(schemas.program, params);
  if (isElevated) {
    throw launchNeedsNoRoot(program.program);
  }
  return launches.start(program);
});
connection.onRequest(LaunchAttachRequest, (params, cancellation) =>
  launches.attach(checkParams(schemas.launchAttach, params), cancellation),
);
connection.onRequest(LaunchStopRequest, (params) => {
  launches.stop(checkParams(schemas.launchStop, params));
  return null;
});

/**
 * The session that a request names, and its other parameters.
 * @throws HelperError invalidParams, noSuchSession
 */
function ofSession<Output extends { readonly sessionId: number }>(
  schema: GenericSchema<unknown, Output>,
  params: unknown,
): { readonly session: Session; readonly rest: Omit<Output, 'sessionId'> } {
  const { sessionId, ...rest } = checkParams(schema, params);
  return { session: sessions.get(sessionId), rest };
}

/** Reports a batch's progress under the client's token, if it gave one. */
function progressOf(token: string | undefined): BatchListener | undefined {
  return token === undefined
    ? undefined
    : (done, total) => sent(connection.sendProgress(BatchProgress, token, { done, total }));
}

function bytesDto(bytes: Uint8Array): BytesDto {
  return { bytes: Buffer.from(bytes).toString('base64') };
}

connection.listen();
