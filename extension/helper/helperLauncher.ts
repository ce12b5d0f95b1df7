/**
 * Starts the helper process: a Node program that speaks JSON-RPC over a pipe, as the user or as root.
 *
 * The language client is used for its connection handling only: no document selector, no restarts. A
 * helper that ends is reported once through `onGone`, also when it ends before it has connected.
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type * as vscode from 'vscode';
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  type MessageTransports,
  type MessageWriter,
} from 'vscode-languageclient/node';
import { elevationProblem } from './elevationProblem.ts';
import { helperCommand, nodeOf, untrustedPath, type HelperProgram } from './helperCommand.ts';
import { ElevationFailed, HelperGone } from './helperError.ts';
import { listenPrivately } from './privatePipe.ts';

/** A helper that has been told to stop and takes longer is stuck. */
const stopTimeoutMs = 2000;
/** Characters of its errors that are kept to say why a helper did not start. */
const mostPrinted = 4096;

export interface HelperLaunch {
  readonly program: HelperProgram;
  /** Takes what the helper prints. */
  readonly log: vscode.LogOutputChannel;
  /** Called once, when the process or the connection to it has ended. */
  readonly onGone: (reason: HelperGone) => void;
}

export interface HelperConnection {
  /** Its `start()` launches the helper, once. */
  readonly client: LanguageClient;
  /** Ends the helper in order. One that runs as root nobody can kill: it ends because its pipe has closed. */
  stop(): Promise<void>;
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

export function createHelperConnection({ program, log, onGone }: HelperLaunch): HelperConnection {
  let isGone = false;
  let child: Child | undefined;
  let writer: MessageWriter | undefined;
  const goneOnce = (reason: HelperGone): void => {
    if (!isGone) {
      isGone = true;
      onGone(reason);
    }
  };
  const launch = async (): Promise<MessageTransports> => {
    try {
      refuseUntrusted(program);
      const pipe = await listenPrivately();
      try {
        child = startProcess(program, pipe.path, log);
        const [reader, itsWriter] = await Promise.race([pipe.onConnected(), endOf(child, program)]);
        writer = itsWriter;
        child.once('exit', () => goneOnce(new HelperGone('The helper process ended.')));
        return { reader, writer };
      } finally {
        await pipe.remove();
      }
    } catch (error) {
      goneOnce(error instanceof HelperGone ? error : new HelperGone(String(error)));
      throw error;
    }
  };
  const client = new QuietLanguageClient('uffd', 'Userfaultfd helper', launch, {
    outputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    errorHandler: {
      // The writer may fail just before the close is seen; the close decides.
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        goneOnce(new HelperGone('The helper process ended.'));
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    },
  });
  const stop = async (): Promise<void> => {
    try {
      await client.stop();
    } finally {
      // The client leaves the pipe of a helper that does not answer open.
      writer?.end();
      writer?.dispose();
      if (program.elevation === 'none') {
        setTimeout(() => child?.kill('SIGKILL'), stopTimeoutMs).unref();
      }
    }
  };
  return { client, stop };
}

/** @throws ElevationFailed when others could change what root would run */
function refuseUntrusted(program: HelperProgram): void {
  if (program.elevation === 'none') {
    return;
  }
  if (!path.isAbsolute(nodeOf(program))) {
    throw new ElevationFailed(program, 'relativeNode', nodeOf(program));
  }
  const untrusted = untrustedPath(program);
  if (untrusted !== undefined) {
    throw new ElevationFailed(program, 'untrusted', untrusted);
  }
}

function startProcess(program: HelperProgram, pipe: string, log: vscode.LogOutputChannel): Child {
  const { command, args, env } = helperCommand(program, pipe);
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  logLines(child.stdout, (line) => log.info(line));
  logLines(child.stderr, (line) => log.warn(line));
  return child;
}

/** Rejects with why a helper ended that has not connected. */
function endOf(child: Child, program: HelperProgram): Promise<never> {
  const { elevation } = program;
  let printed = '';
  child.stderr.on('data', (text: Buffer) => (printed = (printed + text.toString()).slice(-mostPrinted)));
  return new Promise((_, reject) => {
    child.once('error', (error) => {
      reject(
        elevation === 'none'
          ? new HelperGone(error.message)
          : new ElevationFailed(program, 'missing', error.message),
      );
    });
    child.once('close', (exitCode) => {
      const lastLine = printed.trim().split('\n').at(-1) ?? '';
      reject(
        elevation === 'none'
          ? new HelperGone('The helper process ended.')
          : new ElevationFailed(program, elevationProblem(elevation, exitCode, printed), lastLine),
      );
    });
  });
}

function logLines(stream: Readable, write: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Infinity }).on('line', write);
}

/** Logs its errors; what people are told is decided by the one who made the request. */
class QuietLanguageClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}
