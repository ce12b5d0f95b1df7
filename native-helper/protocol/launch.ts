/** Programs that the helper launches: how they are started, attached to and stopped. */
import { NotificationType, RequestType } from 'vscode-jsonrpc';
import type { ErrorDto } from './errors.ts';
import type { RuleDto } from './rules.ts';
import type { SessionDto } from './session.ts';

/** A program to run. */
export interface ProgramDto {
  /** Absolute path, path relative to `cwd` (with a slash in it), or a name that is looked up in `env.PATH`. */
  readonly program: string;
  readonly args: readonly string[];
  /** Absolute path. */
  readonly cwd: string;
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
}

export interface LaunchedDto {
  readonly launchId: number;
  readonly pid: number;
}
/**
 * Starts a program as a child of the helper, where also Yama's ptrace_scope 1 lets it be attached to.
 * Its standard input is empty. It is traced until its first uffd is about to be used and stands still
 * then until `LaunchAttachRequest`; when the helper ends it runs on.
 */
export const LaunchRequest = new RequestType<ProgramDto, LaunchedDto, ErrorDto>('launch/start');

export interface LaunchParams {
  readonly launchId: number;
}
export interface LaunchAttachParams extends LaunchParams {
  /** As of an attach. */
  readonly rules?: readonly RuleDto[];
}
/**
 * Waits for the program's first uffd, takes it over before its first fault, and lets the program go
 * on. Threads of a handler of its own stand still where they begin to wait on it, until the session
 * ends. Cancelling the request lets the program run without a session; the answer is null then.
 */
export const LaunchAttachRequest = new RequestType<LaunchAttachParams, SessionDto | null, ErrorDto>(
  'launch/attach',
);

export interface LaunchStopParams extends LaunchParams {
  /** SIGKILL instead of SIGTERM. */
  readonly force: boolean;
}
/** Asks a launched program and what it has started in its process group to end. */
export const LaunchStopRequest = new RequestType<LaunchStopParams, null, ErrorDto>('launch/stop');

/** What a launched program has printed, standard output and standard error in one. */
export const LaunchDidPrintNotification = new NotificationType<{
  readonly launchId: number;
  readonly text: string;
}>('launch/didPrint');

/** A launched program has ended. The last message about it. */
export const LaunchDidExitNotification = new NotificationType<{
  readonly launchId: number;
  /** In words, such as `exit code 1` or `SIGSEGV`. */
  readonly how: string;
}>('launch/didExit');
