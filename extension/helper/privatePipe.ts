/** A pipe to listen on that only this user, and root, can connect to. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createClientPipeTransport, type MessageReader, type MessageWriter } from 'vscode-jsonrpc/node';

export interface PrivatePipe {
  readonly path: string;
  /** Resolves when the one client has connected; no second one is let in. */
  onConnected(): Promise<[MessageReader, MessageWriter]>;
  /** Removes its folder; a connection goes on. */
  remove(): Promise<void>;
}

/** Listens in a new folder of mode 0700 (mkdtemp(3)). @throws Error when there is no place for one */
export async function listenPrivately(): Promise<PrivatePipe> {
  const folder = await mkdtemp(path.join(tmpdir(), 'uffd-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const pipe = path.join(folder, 'pipe');
    const transport = await createClientPipeTransport(pipe);
    return { path: pipe, onConnected: () => transport.onConnected(), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
