/**
 * JSON-RPC with a timeline page over its webview's messages. Pure: no VS Code.
 *
 * The page is another process and trusted with nothing: what is not a JSON-RPC request
 * or notification is reported and dropped before it reaches the connection.
 */
import * as v from 'valibot';
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  createMessageConnection,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageConnection,
  type MessageReader,
  type MessageWriter,
} from 'vscode-jsonrpc/node';

/** The part of a webview that carries messages. */
export interface PageMessages {
  onDidReceiveMessage(listener: (message: unknown) => void): Disposable;
  postMessage(message: unknown): PromiseLike<boolean>;
}

/** Takes sentences about what the page sent wrongly. */
export type ReportProblem = (problem: string) => void;

/** The host sends no requests, so it expects no responses. */
const incomingMessage = v.looseObject({
  jsonrpc: v.literal('2.0'),
  method: v.string(),
  id: v.optional(v.union([v.string(), v.number()])),
  params: v.optional(v.union([v.record(v.string(), v.unknown()), v.array(v.unknown())])),
});

/** Of the library's own notifications ($/…) the only one that is not about requests of the host. */
const cancelMessage = v.looseObject({
  method: v.literal('$/cancelRequest'),
  params: v.strictObject({ id: v.union([v.string(), v.number()]) }),
});

/** A connection that is not listening yet: handlers first, then `listen()`. */
export function connectToPage(page: PageMessages, report: ReportProblem): MessageConnection {
  return createMessageConnection(new PageReader(page, report), new PageWriter(page), {
    error: report,
    warn: report,
    info: () => undefined,
    log: () => undefined,
  });
}

class PageReader extends AbstractMessageReader implements MessageReader {
  private readonly page: PageMessages;
  private readonly report: ReportProblem;

  constructor(page: PageMessages, report: ReportProblem) {
    super();
    this.page = page;
    this.report = report;
  }

  listen(callback: DataCallback): Disposable {
    return this.page.onDidReceiveMessage((message) => {
      const parsed = v.safeParse(incomingMessage, message);
      if (!parsed.success) {
        this.report(`The timeline page sent a message that is not JSON-RPC: ${firstProblem(parsed.issues)}`);
      } else if (!parsed.output.method.startsWith('$/') || v.is(cancelMessage, parsed.output)) {
        callback(parsed.output);
      }
    });
  }
}

class PageWriter extends AbstractMessageWriter implements MessageWriter {
  private readonly page: PageMessages;
  private isDisposed = false;

  constructor(page: PageMessages) {
    super();
    this.page = page;
  }

  async write(message: Message): Promise<void> {
    // An answer that comes after the connection's end belongs to a page that is gone.
    if (!this.isDisposed) {
      await this.page.postMessage(message);
    }
  }

  override dispose(): void {
    this.isDisposed = true;
    super.dispose();
  }

  end(): void {
    // The page ends with its panel; there is nothing to close.
  }
}

/** Where the first problem is and what it is. */
export function firstProblem(issues: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): string {
  const [issue] = issues;
  const path = v.getDotPath(issue);
  return path === null ? issue.message : `${path}: ${issue.message}`;
}
