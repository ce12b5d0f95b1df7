/** JSON-RPC with the extension host over the webview's postMessage. */
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  createMessageConnection,
  type DataCallback,
  Disposable,
  type Message,
  type MessageConnection,
  type MessageReader,
  type MessageWriter,
} from 'vscode-jsonrpc/browser';

/** Where messages for the host go: the object of `acquireVsCodeApi`. */
export interface MessagePoster {
  postMessage(message: unknown): void;
}

class WindowReader extends AbstractMessageReader implements MessageReader {
  listen(callback: DataCallback): Disposable {
    const onMessage = (event: MessageEvent<unknown>): void => {
      if (isJsonRpc(event.data)) {
        callback(event.data);
      }
    };
    window.addEventListener('message', onMessage);
    return Disposable.create(() => {
      window.removeEventListener('message', onMessage);
    });
  }
}

class HostWriter extends AbstractMessageWriter implements MessageWriter {
  private readonly poster: MessagePoster;

  constructor(poster: MessagePoster) {
    super();
    this.poster = poster;
  }

  write(message: Message): Promise<void> {
    this.poster.postMessage(message);
    return Promise.resolve();
  }

  end(): void {
    // The page ends with its window; there is nothing to close.
  }
}

function isJsonRpc(data: unknown): data is Message {
  return typeof data === 'object' && data !== null && 'jsonrpc' in data;
}

/** A connection that is not listening yet: handlers first, then `listen()`. */
export function connectToHost(poster: MessagePoster): MessageConnection {
  return createMessageConnection(new WindowReader(), new HostWriter(poster));
}
