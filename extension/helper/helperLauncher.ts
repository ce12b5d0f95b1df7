/**
 * Starts the helper process: a Node program that speaks JSON-RPC over a pipe.
 *
 * The language client is used for its process and connection handling only: no
 * document selector, no restarts. A helper that ends is reported once through
 * `onGone`, also when it ends before it has connected, which the client itself
 * would wait for without end.
 */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type * as vscode from 'vscode';
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  TransportKind,
  type NodeModule,
} from 'vscode-languageclient/node';

export interface HelperLaunch {
  /** Path of dist/helper.cjs. */
  readonly module: string;
  /** Node program to run it with; empty for the extension host's own Node. */
  readonly nodePath: string;
  /** Takes what the helper prints. */
  readonly log: vscode.LogOutputChannel;
  /** Called once, when the process or the connection to it has ended. */
  readonly onGone: () => void;
}

/** A client whose `start()` launches the helper. Each client starts one process, once. */
export function createHelperConnection({ module, nodePath, log, onGone }: HelperLaunch): LanguageClient {
  let isGone = false;
  const goneOnce = (): void => {
    if (!isGone) {
      isGone = true;
      onGone();
    }
  };
  const server: NodeModule = {
    module,
    transport: TransportKind.pipe,
    ...(nodePath === '' ? {} : { runtime: nodePath }),
  };
  return new QuietLanguageClient('uffd', 'Userfaultfd helper', server, {
    outputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    errorHandler: {
      // The writer may fail just before the close is seen; the close decides.
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        goneOnce();
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    },
    stdioOptions: {
      stdout: (stream) => logLines(stream, (line) => log.info(line)),
      stderr: (stream) => {
        logLines(stream, (line) => log.warn(line));
        stream.once('close', goneOnce);
      },
    },
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
