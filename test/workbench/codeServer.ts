import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { startProcess, type RunningProcess } from './childProcess.ts';
import { installCodeServer } from './codeServerInstall.ts';
import { quietSettings } from './settings.ts';
import { makeTemporaryFolder } from './temporaryFolder.ts';

export interface CodeServerOptions {
  /** Folders of extensions to load as if they were installed. */
  readonly extensionFolders?: readonly string[];
  /** Asks for a secret token in the first address; always for people, never needed for tests. */
  readonly isTokenRequired?: boolean;
  /** Lets the address of the page name an extension under test and its test suite. */
  readonly isTestPayloadAllowed?: boolean;
  /** Added to the environment, which the extension host inherits. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface CodeServer {
  /** `127.0.0.1:PORT` */
  readonly authority: string;
  /** Address of a workbench on a folder; `payload` is VS Code's list of start-up options. */
  pageUrl(workspaceFolder: string, payload?: readonly (readonly [string, string])[]): string;
  /** Resolves with the exit code when the server ended. */
  readonly exited: Promise<number>;
  stop(): Promise<void>;
}

/** Starts VS Code's server on a free loopback port, with a fresh data folder that it loses when stopped. */
export async function startCodeServer(options: CodeServerOptions = {}): Promise<CodeServer> {
  const serverFolder = await installCodeServer();
  const temporaryFolder = await makeTemporaryFolder('code-server');
  const dataFolder = temporaryFolder.path;
  const userFolder = path.join(dataFolder, 'data/User');
  await mkdir(userFolder, { recursive: true });
  await writeFile(path.join(userFolder, 'settings.json'), JSON.stringify(quietSettings));
  await listAsInstalled(path.join(dataFolder, 'extensions'), options.extensionFolders ?? []);

  const token = options.isTokenRequired === true ? randomBytes(20).toString('hex') : null;
  const tokenFile = path.join(dataFolder, 'token');
  if (token !== null) {
    await writeFile(tokenFile, token, { mode: 0o600 });
  }
  const server = await startProcess(
    process.execPath,
    [
      path.join(serverFolder, 'out/server-main.js'),
      ...['--host', '127.0.0.1', '--port', '0', '--server-data-dir', dataFolder],
      ...['--accept-server-license-terms', '--telemetry-level', 'off', '--disable-workspace-trust'],
      // A window that is closed without a word ends its extension host, and with it the session, soon.
      ...['--reconnection-grace-time', '10'],
      ...(token === null ? ['--without-connection-token'] : ['--connection-token-file', tokenFile]),
      ...(options.isTestPayloadAllowed === true ? ['--enable-smoke-test-driver'] : []),
    ],
    { env: { ...process.env, ...options.env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const port = await listeningPort(server, path.join(dataFolder, 'server.log'));
  const authority = `127.0.0.1:${port}`;

  return {
    authority,
    exited: server.exited,
    pageUrl: (workspaceFolder, payload = []) => {
      const url = new URL(`http://${authority}/`);
      if (token !== null) {
        url.searchParams.set('tkn', token);
      }
      url.searchParams.set('folder', workspaceFolder);
      if (payload.length > 0) {
        url.searchParams.set('payload', JSON.stringify(payload));
      }
      return url.href;
    },
    stop: async () => {
      await server.stop();
      await temporaryFolder.remove();
    },
  };
}

/**
 * Lists extensions where they are, in the form of VS Code's record of installed ones.
 * (A browser's address can name only one extension under development.)
 */
async function listAsInstalled(extensionsFolder: string, folders: readonly string[]): Promise<void> {
  const records = await Promise.all(
    folders.map(async (folder) => {
      const manifest = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as {
        publisher: string;
        name: string;
        version: string;
      };
      return {
        identifier: { id: `${manifest.publisher}.${manifest.name}` },
        version: manifest.version,
        location: { $mid: 1, scheme: 'file', path: folder },
      };
    }),
  );
  await mkdir(extensionsFolder, { recursive: true });
  await writeFile(path.join(extensionsFolder, 'extensions.json'), JSON.stringify(records));
}

/** Waits for the server's "listening" line. The rest of its output goes to the log file. */
async function listeningPort(server: RunningProcess, logFile: string): Promise<number> {
  const log = createWriteStream(logFile);
  server.child.stdout?.pipe(log, { end: false });
  server.child.stderr?.pipe(log, { end: false });
  const lines = createInterface({ input: server.child.stdout! });
  const port = new Promise<number>((resolve) => {
    lines.on('line', (line) => {
      const match = /Extension host agent listening on (\d+)/.exec(line);
      if (match !== null) {
        resolve(Number(match[1]));
      }
    });
  });
  const failure = server.exited.then(async (exitCode) => {
    throw new Error(`code-server ended with exit code ${exitCode}:\n${await readFile(logFile, 'utf8')}`);
  });
  return Promise.race([port, failure]);
}
