/**
 * Every message for people: one factory per cause, each with what to do next.
 * Sentences that the helper wrote (why a request was refused, what an ioctl answered)
 * are passed through; this file adds the buttons.
 */
import { userInfo } from 'node:os';
import * as vscode from 'vscode';
import type { CtxDto, FindingDto } from '../native-helper/inspectProtocol.ts';
import type { BatchResultDto, IoctlResultDto } from '../native-helper/protocol.ts';
import type { RulesFileProblem } from '../native-helper/rules/parseRules.ts';
import {
  Command,
  DoctorCommand,
  InspectCommand,
  RuleCommand,
  Setting,
  TraceCommand,
  traceViewType,
} from './contributions.ts';
import { sudoersLine } from './helper/helperCommand.ts';
import { ElevationFailed, HelperGone, HelperRefusal } from './helper/helperError.ts';
import type { TraceProblem } from './trace/format/traceProblem.ts';
import type { RecordingFailure } from './trace/recording.ts';

export interface MessageAction {
  readonly title: string;
  readonly run: () => unknown;
}

export interface UserMessage {
  readonly severity: 'info' | 'warning' | 'error';
  readonly text: string;
  readonly actions: readonly MessageAction[];
}

/** Shows a message and does what its chosen button says. Nobody waits for a message to be closed. */
export function showMessage({ severity, text, actions }: UserMessage): void {
  const show = {
    info: vscode.window.showInformationMessage,
    warning: vscode.window.showWarningMessage,
    error: vscode.window.showErrorMessage,
  }[severity];
  void show(text, ...actions).then((chosen) => chosen?.run());
}

function runCommand(title: string, command: string): MessageAction {
  return { title, run: () => vscode.commands.executeCommand(command) };
}

const attach = (): MessageAction => runCommand(vscode.l10n.t('Attach to Process…'), Command.attachToProcess);
const wake = (): MessageAction => runCommand(vscode.l10n.t('Wake…'), Command.wake);
const detach = (): MessageAction => runCommand(vscode.l10n.t('Detach…'), Command.detach);
const switchSession = (): MessageAction => runCommand(vscode.l10n.t('Show Session…'), Command.switchSession);
const inspect = (): MessageAction => runCommand(vscode.l10n.t('Inspect'), InspectCommand.show);
const startDemo = (): MessageAction =>
  runCommand(vscode.l10n.t('Start Demo Target'), Command.startDemoTarget);
const showTimeline = (): MessageAction => runCommand(vscode.l10n.t('Show Timeline'), Command.showTimeline);
const openSetting = (setting: string): MessageAction => ({
  title: vscode.l10n.t('Open Setting'),
  run: () => vscode.commands.executeCommand('workbench.action.openSettings', setting),
});
const showLog = (log: vscode.OutputChannel): MessageAction => ({
  title: vscode.l10n.t('Show Log'),
  run: () => log.show(),
});
/** @param pid without it, the doctor looks at this machine only */
const doctor = (pid?: number): MessageAction => ({
  title: vscode.l10n.t('Attach Doctor'),
  run: () => vscode.commands.executeCommand(DoctorCommand.check, pid === undefined ? {} : { pid }),
});
const retryWith = (retry: () => unknown): MessageAction => ({ title: vscode.l10n.t('Retry'), run: retry });

// ---- trace files -------------------------------------------------------------

/** What a call on a file answered, by name and in words. */
function fileErrorText(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const meanings: Readonly<Record<string, string>> = {
    ENOSPC: vscode.l10n.t('the disk is full'),
    EDQUOT: vscode.l10n.t('your quota of the disk is used up'),
    EFBIG: vscode.l10n.t('the file would be larger than is allowed'),
    EACCES: vscode.l10n.t('you have no access to it'),
    EPERM: vscode.l10n.t('that is not permitted'),
    EROFS: vscode.l10n.t('the file system is read-only'),
    ENOENT: vscode.l10n.t('the file or its folder does not exist'),
    ENOTDIR: vscode.l10n.t('a part of its path is no folder'),
    EISDIR: vscode.l10n.t('it is a folder'),
    EIO: vscode.l10n.t('the disk failed'),
  };
  return code in meanings ? `${code}: ${meanings[code]!}` : String(error);
}

const openTrace = (path: string): MessageAction => ({
  title: vscode.l10n.t('Open'),
  run: () => vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(path), traceViewType),
});

export function recordingNotStarted(path: string, error: unknown, retry: () => unknown): UserMessage {
  return {
    severity: 'error',
    text: vscode.l10n.t(
      'Nothing is recorded: {0} cannot be written ({1}). Choose another file.',
      path,
      fileErrorText(error),
    ),
    actions: [retryWith(retry)],
  };
}

export function recordingFileTaken(path: string): UserMessage {
  return {
    severity: 'error',
    text: vscode.l10n.t('Another session is being recorded into {0}. Choose another file.', path),
    actions: [],
  };
}

export function recordedAlready(path: string): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('This session is already being recorded, into {0}. Stop that first.', path),
    actions: [runCommand(vscode.l10n.t('Stop Recording'), TraceCommand.stopRecording)],
  };
}

export function nothingRecording(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('No session is being recorded.'),
    actions: [runCommand(vscode.l10n.t('Start Recording…'), TraceCommand.startRecording)],
  };
}

export function recordingSaved(path: string, rows: number): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('Recorded {0} rows into {1}.', rows, path),
    actions: [openTrace(path)],
  };
}

export function recordingFailed(path: string, rows: number, failure: RecordingFailure): UserMessage {
  const cause =
    failure.kind === 'write'
      ? fileErrorText(failure.error)
      : failure.kind === 'gone'
        ? vscode.l10n.t('the file was deleted')
        : vscode.l10n.t('the disk is too slow: {0} rows waited to be written', failure.rows);
  return {
    severity: 'error',
    text:
      failure.kind === 'gone'
        ? vscode.l10n.t('The recording into {0} stopped: {1}. The session goes on.', path, cause)
        : vscode.l10n.t(
            'The recording into {0} stopped: {1}. Its first {2} rows can be read. The session goes on.',
            path,
            cause,
            rows,
          ),
    actions: failure.kind === 'gone' ? [] : [openTrace(path)],
  };
}

/** What is wrong with a trace file, where, and what that means; one or two sentences. */
export function traceProblemText(problem: TraceProblem): string {
  switch (problem.kind) {
    case 'empty':
      return vscode.l10n.t('The file is empty: nothing was recorded into it.');
    case 'notArrow':
      return vscode.l10n.t('This is no Arrow stream, so it is no userfaultfd trace.');
    case 'arrowFile':
      return vscode.l10n.t(
        'This is in Arrow’s file format (Feather); traces are in its stream format. Write it again as a stream.',
      );
    case 'foreign':
      return vscode.l10n.t(
        'This Arrow stream is no userfaultfd trace: its metadata has no uffd.format_version. Its columns are {0}.',
        problem.detail,
      );
    case 'newer':
      return vscode.l10n.t(
        'It was written in format version {0}, by a newer version of this extension: what that added is not shown. Update the extension to see all.',
        problem.version,
      );
    case 'unfinished':
      return vscode.l10n.t(
        'The recording was not ended: it goes on, or was killed. All that it had written is shown.',
      );
    case 'truncated':
      return vscode.l10n.t(
        'The file ends in the middle of a batch, which begins at byte {0}: its recording was killed, or it was cut off. All before that is shown.',
        problem.atByte,
      );
    case 'corrupt':
      return vscode.l10n.t(
        'The file is damaged at byte {0}: {1}. All before that is shown.',
        problem.atByte,
        problem.detail,
      );
    case 'cancelled':
      return vscode.l10n.t('Reading was cancelled: only its beginning is shown. Open it again to read all.');
  }
}

/** A trace file could not be read at all. */
export function traceNotRead(error: unknown): string {
  return vscode.l10n.t('It cannot be read ({0}).', fileErrorText(error));
}

/** Shown above the timeline of an opened trace. */
export function recordingText(startedAt: string, name: string, problem: TraceProblem | null): string {
  const what = vscode.l10n.t('This is a recording of {0}, whose session began at {1}.', name, startedAt);
  return problem === null ? what : `${what} ${traceProblemText(problem)}`;
}

/** What could be read of a trace is compared. */
export function comparedInPart(path: string, problem: TraceProblem): UserMessage {
  return { severity: 'warning', text: `${path}: ${traceProblemText(problem)}`, actions: [] };
}

export function notCompared(path: string, text: string): UserMessage {
  return {
    severity: 'error',
    text: vscode.l10n.t('{0} cannot be compared. {1}', path, text),
    actions: [runCommand(vscode.l10n.t('Choose Others'), TraceCommand.compare)],
  };
}

export function nothingToExport(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('There is no trace to export: attach to a process, or open a recording.'),
    actions: [attach()],
  };
}

export function traceExported(path: string, count: number): UserMessage {
  const uri = vscode.Uri.file(path);
  return {
    severity: 'info',
    text: vscode.l10n.t('Exported {0} events into {1}.', count, path),
    actions: [{ title: vscode.l10n.t('Copy Path'), run: () => vscode.env.clipboard.writeText(uri.fsPath) }],
  };
}

export function exportFailed(path: string, error: unknown): UserMessage {
  return {
    severity: 'error',
    text: vscode.l10n.t(
      'The export failed and left no file: {0} cannot be written ({1}).',
      path,
      fileErrorText(error),
    ),
    actions: [],
  };
}

// ---- a command cannot act now ------------------------------------------------

export function notAttached(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('No process is attached. Attach to a process that uses userfaultfd first.'),
    actions: [attach(), startDemo()],
  };
}

export function noHeldFaults(resolvedButSleeping: number): UserMessage {
  return resolvedButSleeping === 0
    ? {
        severity: 'info',
        text: vscode.l10n.t('No fault is held right now: there is nothing to resolve until a thread faults.'),
        actions: [showTimeline()],
      }
    : {
        severity: 'info',
        text: vscode.l10n.t(
          'No fault is held: {0} resolved with DONTWAKE still sleep. Wake them to let their threads go on.',
          resolvedButSleeping,
        ),
        actions: [wake()],
      };
}

/** Answer to a timeline page that still shows a session that is closed. */
export function closedSessionText(): string {
  return vscode.l10n.t('This session is closed: nothing of it can be acted on any more.');
}

/** Answer to a timeline page that asks for something of a session that is over. */
export function endedSessionText(): string {
  return vscode.l10n.t('The session has ended: nothing of it is held any more.');
}

export function nothingRecorded(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t(
      'Nothing has been recorded in this session: the timeline shows a fault as soon as one is read.',
    ),
    actions: [],
  };
}

export function sessionIsOver(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t(
      'The session has ended: its trace can be read, but nothing is live or held any more. Attach again to go on.',
    ),
    actions: [attach()],
  };
}

export function recordingIsOver(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('This is a recording: it can be read, but nothing is live or held in it.'),
    actions: [],
  };
}

export function timelineNotOpen(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('The timeline is not open. Show it first.'),
    actions: [showTimeline()],
  };
}

export function invalidArgument(command: string, problem: string): UserMessage {
  return {
    severity: 'error',
    text: vscode.l10n.t('{0} was called with an argument it cannot use: {1}', command, problem),
    actions: [],
  };
}

/** The session shown is over, but others go on. */
export function shownSessionIsOver(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('The session shown has ended, and others are attached. Show one of them first.'),
    actions: [switchSession()],
  };
}

export function noEndedSession(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('No session has ended: there is no trace to close.'),
    actions: [],
  };
}

/** The target asked for fork events, and reading one takes a descriptor out of its hands. */
export function forkEventsAreTaken(name: string): UserMessage {
  return {
    severity: 'warning',
    text: vscode.l10n.t(
      '{0} uses fork events: reading one takes the child’s userfaultfd into this debugger, as a session of its own. It cannot be handed back: when that session ends it is closed, which releases the child’s threads, and missing pages then read as zeros.',
      name,
    ),
    actions: [],
  };
}

/** A child's session has begun; its uffd is in nobody's hands but ours. */
export function childTaken(parent: string | null, child: string, show: () => unknown): UserMessage {
  const sentence =
    parent === null
      ? vscode.l10n.t('A target forked, and {0} is now a session of its own.', child)
      : vscode.l10n.t('{0} forked, and {1} is now a session of its own.', parent, child);
  const custody = vscode.l10n.t(
    'Its userfaultfd is only in this debugger and cannot be handed back: when the session ends it is closed, which releases the child’s threads, and missing pages then read as zeros.',
  );
  return {
    severity: 'warning',
    text: `${sentence} ${custody}`,
    actions: [{ title: vscode.l10n.t('Show Session'), run: show }],
  };
}

/** @param text the helper's sentences */
export function becameLastHolder(text: string, show: () => unknown): UserMessage {
  return { severity: 'warning', text, actions: [{ title: vscode.l10n.t('Show Session'), run: show }] };
}

export function nothingStuck(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('No userfaultfd that can be seen is stuck.'),
    actions: [inspect()],
  };
}

export function nothingAsleep(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('No thread that can be seen sleeps in a fault: there is nobody to wake.'),
    actions: [inspect()],
  };
}

export function noUffdSeen(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t(
      'No process with a userfaultfd can be seen. Those of other users can only be seen with their rights: run VS Code as that user or as root.',
    ),
    actions: [startDemo()],
  };
}

/** The whole of a finding, whose row is too narrow for it. */
export function findingExplained(
  name: string,
  { isStuck, text, advice, offersWake }: FindingDto,
  acts: { readonly wake: () => unknown; readonly attach: () => unknown; readonly copy: () => unknown },
): UserMessage {
  return {
    severity: isStuck ? 'warning' : 'info',
    text: `${name}: ${text} ${advice}`,
    actions: [
      ...(offersWake ? [{ title: vscode.l10n.t('Wake…'), run: acts.wake }] : []),
      { title: vscode.l10n.t('Attach…'), run: acts.attach },
      { title: vscode.l10n.t('Copy'), run: acts.copy },
    ],
  };
}

export function sourceNotHere(path: string, line: number): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t(
      'The program was built from {0}, line {1}, but that file is not on this machine.',
      path,
      line,
    ),
    actions: [],
  };
}

export function noRemedy(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t(
      'There is no command to copy: run the Attach Doctor on a process first, or see on its page that nothing refuses that a command could open.',
    ),
    actions: [runCommand(vscode.l10n.t('Attach Doctor…'), DoctorCommand.check)],
  };
}

export function noSourceLine(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t(
      'No thread sleeps at a line of source that is known: its program needs debug information, and addr2line of binutils must be installed.',
    ),
    actions: [inspect()],
  };
}

export function sleepersWoken(name: string, count: number): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t(
      'Woke the threads of {0}: {1}. Those whose page is not there have faulted again, for whoever reads next.',
      name,
      count,
    ),
    actions: [],
  };
}

export function threadsStranded({ text, advice }: FindingDto, wake: () => unknown): UserMessage {
  return {
    severity: 'warning',
    text: `${text} ${advice}`,
    actions: [{ title: vscode.l10n.t('Wake'), run: wake }, inspect()],
  };
}

/** @param pid of the program in the debugger; another process may be the one that holds its userfaultfd */
export function debuggedHasUffd(
  pid: number,
  ctxs: readonly CtxDto[],
  stopOffers: () => unknown,
): UserMessage {
  const held = ctxs.filter((ctx) => ctx.pid === pid);
  const [first, ...others] = held.length === 0 ? ctxs : held;
  const { comm, pid: holder, uffd } = first!;
  // Which of several is meant, Attach to Process asks.
  const target = others.length === 0 ? { pid: holder, fd: uffd.fd } : { pid: holder };
  return {
    severity: 'info',
    text:
      held.length === 0
        ? vscode.l10n.t(
            'Memory of the program you debug ({0}) is served through a userfaultfd of {1} ({2}).',
            pid,
            comm,
            holder,
          )
        : vscode.l10n.t('{0} ({1}) has a userfaultfd.', comm, pid),
    actions: [
      inspect(),
      {
        title: vscode.l10n.t('Attach'),
        run: () => vscode.commands.executeCommand(Command.attachToProcess, target),
      },
      { title: vscode.l10n.t('Don’t Offer Again'), run: stopOffers },
    ],
  };
}

/** @param refusal the helper's sentence */
export function handlerIsLive(
  refusal: string,
  freezeAndAttach: () => unknown,
  retry: () => unknown,
): UserMessage {
  const freezing = vscode.l10n.t(
    'Freezing stops only the handler’s threads, inside their wait; when the session ends they go on and serve what they missed.',
  );
  return {
    severity: 'warning',
    text: `${refusal} ${freezing}`,
    actions: [{ title: vscode.l10n.t('Freeze Handler and Attach'), run: freezeAndAttach }, retryWith(retry)],
  };
}

// ---- a request failed --------------------------------------------------------

/**
 * Any error of a request to the helper, with the buttons that fit its cause.
 * @param pid the process that was to be attached to
 */
export function requestFailed(
  error: unknown,
  log: vscode.OutputChannel,
  retry?: () => unknown,
  pid?: number,
): UserMessage {
  const retryAction = retry === undefined ? [] : [retryWith(retry)];
  if (error instanceof HelperRefusal) {
    const examine = pid === undefined ? [] : [doctor(pid)];
    return {
      severity: 'error',
      text: error.message,
      actions: refusalActions(error, log, retryAction, examine),
    };
  }
  if (error instanceof ElevationFailed) {
    return elevationFailed(error, log, retryAction);
  }
  if (error instanceof HelperGone) {
    return {
      severity: 'error',
      text: vscode.l10n.t(
        'The helper process has ended or could not start: {0} Its output is in the log; the setting uffd.helper.nodePath names the Node program that runs it.',
        error.message,
      ),
      actions: [...retryAction, showLog(log), openSetting('uffd.helper.nodePath')],
    };
  }
  return {
    severity: 'error',
    text: vscode.l10n.t(
      'An error inside the extension or its helper: {0}. Nothing was changed; the log has the details.',
      error instanceof Error ? error.message : String(error),
    ),
    actions: [...retryAction, showLog(log)],
  };
}

function refusalActions(
  { refusal }: HelperRefusal,
  log: vscode.OutputChannel,
  retry: readonly MessageAction[],
  examine: readonly MessageAction[],
): MessageAction[] {
  switch (refusal) {
    case 'handlerIsLive':
    case 'programNotStarted':
    case 'programEnded':
      return [...retry];
    case 'handlerNotFreezable':
    case 'apiNotDone':
      return [...retry, ...examine];
    case 'noUffd':
      return [attach(), ...examine];
    case 'noSuchProcess':
    case 'severalUffds':
    case 'alreadyAttached':
      return [attach()];
    case 'lastHolder':
      return [detach()];
    case 'notPermitted':
      return [runHelperAsRoot(retry), ...examine, ...retry, showLog(log)];
    case 'systemCallFailed':
      return [...retry, ...examine, showLog(log)];
    case 'guardianFailed':
      return [...retry, showLog(log)];
    case 'noSuchSession':
      return [attach()];
    case 'invalidParams':
    case 'noSuchFault':
    case 'badRange':
    case 'memoryUnreadable':
    case 'fileUnreadable':
    case 'noSuchLaunch':
    case 'moveRefused':
      return [];
    case 'kernelTooOld':
      return [...examine];
  }
}

/** What was refused is tried again when the helper has become root. */
function runHelperAsRoot(retry: readonly MessageAction[]): MessageAction {
  return {
    title: vscode.l10n.t('Run Helper as Root…'),
    run: async () => {
      if (await vscode.commands.executeCommand<boolean>(Command.runHelperAsRoot)) {
        retry.forEach(({ run }) => run());
      }
    },
  };
}

export function helperIsRoot(runAsUser: () => unknown): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t(
      'The helper runs as root. To run it as yourself again in this window, its sessions are detached first.',
    ),
    actions: [
      { title: vscode.l10n.t('Run Helper as Yourself'), run: runAsUser },
      openSetting(Setting.helperElevation),
    ],
  };
}

/** Neither sudo nor pkexec is there. */
export function noElevation(): UserMessage {
  return {
    severity: 'error',
    text: vscode.l10n.t(
      'Neither sudo nor pkexec is installed where the extension runs, so the helper cannot become root. Install one of them, or run VS Code’s server as root.',
    ),
    actions: [],
  };
}

export function helperBecameRoot(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('The helper of this window runs as root now, until the window is closed.'),
    actions: [attach()],
  };
}

function elevationFailed(
  { program, problem, message }: ElevationFailed,
  log: vscode.OutputChannel,
  retry: readonly MessageAction[],
): UserMessage {
  const actions = [...retry, showLog(log), openSetting(Setting.helperElevation)];
  const error = (text: string, ...more: MessageAction[]): UserMessage => ({
    severity: 'error',
    text: `${vscode.l10n.t('The helper did not become root.')} ${text}`,
    actions: [...more, ...actions],
  });
  switch (problem) {
    case 'missing':
      return error(
        vscode.l10n.t(
          '{0} is not there ({1}). Install it, or choose the other way.',
          program.elevation,
          message,
        ),
      );
    case 'notAllowed':
      return error(
        vscode.l10n.t(
          'sudo -n says: {0}. It cannot ask for a password here: a rule in sudoers, made with visudo, must allow this one command without one. Whoever can act as you can become root then.',
          message,
        ),
        {
          title: vscode.l10n.t('Copy Rule'),
          run: () => vscode.env.clipboard.writeText(`${sudoersLine(program, userInfo().username)}\n`),
        },
      );
    case 'dismissed':
      return error(vscode.l10n.t('The question for the password was closed, or not answered rightly.'));
    case 'noAgent':
      return error(
        vscode.l10n.t(
          'pkexec says: {0} No agent can ask for the password here, as over SSH or in a container. Use sudo.',
          message,
        ),
      );
    case 'relativeNode':
      return error(
        vscode.l10n.t(
          'uffd.helper.nodePath is {0}: root runs only a program with an absolute path.',
          message,
        ),
        openSetting(Setting.helperNodePath),
      );
    case 'untrusted':
      return error(
        vscode.l10n.t(
          'Another user can change {0}, and with it what root would run. Take that right away with chown or chmod go-w.',
          message,
        ),
      );
    case 'other':
      return error(vscode.l10n.t('{0} ended: {1}', program.elevation, message));
  }
}

// ---- results -----------------------------------------------------------------

/** What the ioctls of one resolve or wake answered, in words. */
export function batchResult(
  { succeeded, failed, undone, results }: BatchResultDto,
  wakeRange: WakeRange,
): UserMessage {
  const [first] = results;
  const sentences = [resultSentence(succeeded, failed, undone, results)];
  if (results.some(({ errno, offersWake }) => errno === undefined && offersWake)) {
    sentences.push(vscode.l10n.t('Threads it was for sleep until you wake them.'));
  }
  // What was stopped halfway is undone and has an answer.
  const untouched = undone - Math.max(0, results.length - succeeded - failed);
  if (untouched > 0) {
    sentences.push(
      untouched === 1
        ? vscode.l10n.t('The batch was stopped with 1 left to do.')
        : vscode.l10n.t('The batch was stopped with {0} left to do.', untouched),
    );
  }
  return {
    severity: failed + undone === 0 ? 'info' : 'warning',
    text: sentences.join(' '),
    actions:
      results.length === 1 && first?.faultId === 0
        ? wakeRangeIfOffered(first, wakeRange)
        : results.some(({ offersWake }) => offersWake)
          ? [wake()]
          : [],
  };
}

/** Wakes the threads that sleep in a range. */
export type WakeRange = (range: Pick<IoctlResultDto, 'start' | 'lengthBytes'>) => unknown;

/** What REGISTER or UNREGISTER answered, in words. */
export function registerResult(result: IoctlResultDto, wakeRange: WakeRange): UserMessage {
  return {
    severity: result.errno === undefined ? 'info' : 'warning',
    text: result.text,
    actions: wakeRangeIfOffered(result, wakeRange),
  };
}

function wakeRangeIfOffered(result: IoctlResultDto, wakeRange: WakeRange): MessageAction[] {
  return result.offersWake ? [{ title: vscode.l10n.t('Wake the Range'), run: () => wakeRange(result) }] : [];
}

function resultSentence(
  succeeded: number,
  failed: number,
  undone: number,
  results: readonly IoctlResultDto[],
): string {
  const [first] = results;
  if (first === undefined) {
    return vscode.l10n.t('No page was acted on.');
  }
  if (results.length === 1) {
    return first.text;
  }
  const ioctl = `UFFDIO_${first.ioctl.toUpperCase()}`;
  if (failed > 0) {
    // One without an errno could not even be tried, for instance for lack of its source.
    const failure =
      results.find(({ errno }) => errno !== undefined) ??
      results.find(({ doneBytes, lengthBytes }) => doneBytes < lengthBytes);
    return vscode.l10n.t(
      '{0}: {1} of {2} failed. The first answer: {3}',
      ioctl,
      failed,
      succeeded + failed,
      failure?.text ?? '',
    );
  }
  return undone === 0
    ? vscode.l10n.t('{0}: all {1} succeeded.', ioctl, succeeded)
    : vscode.l10n.t('{0}: {1} succeeded.', ioctl, succeeded);
}

/** A rule could not do its action; said once for each rule. */
export function ruleFailed(index: number, name: string, target: string, text: string): UserMessage {
  return {
    severity: 'warning',
    text: vscode.l10n.t(
      '{0} of {1} could not act, and the fault is held: {2}',
      name === '' ? vscode.l10n.t('Rule {0}', index + 1) : vscode.l10n.t('Rule {0} “{1}”', index + 1, name),
      target,
      text,
    ),
    actions: [showTimeline()],
  };
}

/** @param notes what the handler noticed of having been frozen, a sentence each */
export function detached(name: string, handedBack: number, notes: readonly string[]): UserMessage {
  const done =
    handedBack === 0
      ? vscode.l10n.t('Detached from {0}. No thread was asleep because of us.', name)
      : vscode.l10n.t(
          'Detached from {0}. Faults handed back: {1}. Their threads fault again for their own handler.',
          name,
          handedBack,
        );
  return { severity: 'info', text: [done, ...notes].join(' '), actions: [] };
}

/** The last descriptor was closed: there was nobody to hand back to. */
export function lastClosed(name: string): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t(
      'The userfaultfd of {0} is closed and its threads are released. Missing pages now read as zeros.',
      name,
    ),
    actions: [],
  };
}

export function sessionEnded(text: string): UserMessage {
  return { severity: 'warning', text, actions: [showTimeline(), attach()] };
}

/** End text of a session whose helper is gone; also shown in the timeline. */
export function helperFailedText(): string {
  return vscode.l10n.t(
    'The helper process ended unexpectedly. Its guardian process then wakes every thread it held, so that they fault again for their own handler; whether it did cannot be seen from here.',
  );
}

export function helperFailed(log: vscode.OutputChannel): UserMessage {
  return { severity: 'error', text: helperFailedText(), actions: [attach(), showLog(log)] };
}

// ---- rules -------------------------------------------------------------------

export function noRules(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('There is no fault rule yet: every fault is held until you resolve it.'),
    actions: [runCommand(vscode.l10n.t('Add Rule…'), RuleCommand.add)],
  };
}

/** A rule's file cannot be used; the sentence says which and why. */
export function ruleFileRefused(text: string): UserMessage {
  return {
    severity: 'warning',
    text: vscode.l10n.t('A rule is switched off: {0}', text),
    actions: [runCommand(vscode.l10n.t('Edit Action of Rule…'), RuleCommand.editAction)],
  };
}

/** @param open shows the file at a line, from 1 */
export function rulesFileRefused(
  path: string,
  problems: readonly RulesFileProblem[],
  open: (line: number) => void,
): UserMessage {
  const [first] = problems;
  return {
    severity: 'error',
    text:
      problems.length === 1
        ? vscode.l10n.t('{0} was not imported. {1}', path, first?.text ?? '')
        : vscode.l10n.t(
            '{0} was not imported: {1} problems. The first: {2}',
            path,
            problems.length,
            first?.text ?? '',
          ),
    actions: [{ title: vscode.l10n.t('Open File'), run: () => open(first?.line ?? 1) }],
  };
}

export function rulesImported(path: string, count: number): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('The fault rules are now those of {0}: {1}.', path, count),
    actions: [],
  };
}

// ---- launched programs --------------------------------------------------------

/** Waiting for its uffd was cancelled. */
export function programRunsOn(name: string, pid: number, stop: () => unknown): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('{0} ({1}) runs on without being attached to.', name, pid),
    actions: [attach(), { title: vscode.l10n.t('Stop Program'), run: stop }],
  };
}

// ---- demo target -------------------------------------------------------------

export function demoTargetRunning(
  pid: number,
  threads: number,
  actions: { attach: () => unknown; stop: () => unknown },
): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('Demo target running as pid {0} with {1} faulting threads.', pid, threads),
    actions: [
      { title: vscode.l10n.t('Attach'), run: actions.attach },
      { title: vscode.l10n.t('Stop'), run: actions.stop },
    ],
  };
}

export function demoTargetFailed(reason: string, log: vscode.OutputChannel): UserMessage {
  return {
    severity: 'error',
    text: vscode.l10n.t(
      'The demo target did not start: {0}. It needs userfaultfd; the Attach Doctor says what refuses it.',
      reason,
    ),
    actions: [doctor(), showLog(log)],
  };
}
