/** A pipe to listen on that only this user, and root, can connect to. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  SocketMessageReader,
  SocketMessageWriter,
  type MessageReader,
  type MessageWriter,
} from 'vscode-jsonrpc/node';

export interface PrivatePipe {
  readonly path: string;
  /** Resolves when the one client has connected; no second one is let in. */
  onConnected(): Promise<[MessageReader, MessageWriter]>;
  /** Listens no more and removes its folder; a connection goes on. */
  remove(): Promise<void>;
}

/** Listens in a new folder of mode 0700 (mkdtemp(3)). @throws Error when there is no place for one */
export async function listenPrivately(): Promise<PrivatePipe> {
  const folder = await mkdtemp(path.join(tmpdir(), 'uffd-'));
  const server = createServer();
  const remove = async (): Promise<void> => {
    server.close();
    await rm(folder, { recursive: true, force: true });
  };
  const connected = new Promise<[MessageReader, MessageWriter]>((resolve) => {
    server.once('connection', (socket) => {
      server.close();
      resolve([new SocketMessageReader(socket), new SocketMessageWriter(socket)]);
    });
  });
  try {
    const pipe = path.join(folder, 'pipe');
    await once(server.listen(pipe), 'listening');
    return { path: pipe, onConnected: () => connected, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
