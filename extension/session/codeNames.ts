/** The instructions that raised a session's faults, and what they are called. Pure: no VS Code. */
import path from 'node:path';
import type { CodeLocationDto } from '../../native-helper/protocol/inspect.ts';
import type { CodeDto } from '../../webview/protocol.ts';
import type { Disposable } from '../disposableStore.ts';
import type { Symbolizer } from '../symbols/symbolizer.ts';
import type { DebugSession } from './debugSession.ts';

/** Who follows a session gets all its codes anew, so what changes within this time is told at once. */
const gatherMs = 250;

/** Looks instructions up. Never fails: what cannot be found out is undefined. */
export type CodeLookup = Pick<Symbolizer, 'symbolOf' | 'sourceOf'>;

export class CodeNames implements Disposable {
  private readonly lookup: CodeLookup;
  private readonly isKept: (session: DebugSession) => boolean;
  private readonly onChanged: (session: DebugSession) => void;
  /** The looks that were begun last: one after the other. A line can take seconds, and others ask for lines too. */
  private lastSymbol: Promise<void> = Promise.resolve();
  private lastLine: Promise<void> = Promise.resolve();
  private readonly untold = new Set<DebugSession>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isDisposed = false;

  /**
   * @param isKept whether a session is not forgotten yet; one that is needs no names
   * @param onChanged told when the codes of a session are others
   */
  constructor(
    lookup: CodeLookup,
    isKept: (session: DebugSession) => boolean,
    onChanged: (session: DebugSession) => void,
  ) {
    this.lookup = lookup;
    this.isKept = isKept;
    this.onChanged = onChanged;
  }

  /** Adds an instruction to the session's codes, with its place in its file until its function and line are found. */
  add(session: DebugSession, location: CodeLocationDto): void {
    session.codes = [...session.codes, unnamed(location)];
    this.tell(session);
    const set = (change: Partial<CodeDto>): void => this.set(session, location.address, change);
    const findLine = async (): Promise<void> => {
      const source = this.isWanted(session) ? await this.lookup.sourceOf(location) : undefined;
      if (source !== undefined) {
        set({ source });
      }
    };
    const findSymbol = async (): Promise<void> => {
      const name = this.isWanted(session) ? await this.lookup.symbolOf(location) : undefined;
      if (name !== undefined) {
        set({ name });
        this.lastLine = this.lastLine.then(findLine).catch(() => undefined);
      }
    };
    this.lastSymbol = this.lastSymbol.then(findSymbol).catch(() => undefined);
  }

  dispose(): void {
    this.isDisposed = true;
    clearTimeout(this.timer);
  }

  private isWanted(session: DebugSession): boolean {
    return !this.isDisposed && this.isKept(session);
  }

  private set(session: DebugSession, address: CodeDto['address'], change: Partial<CodeDto>): void {
    session.codes = session.codes.map((code) => (code.address === address ? { ...code, ...change } : code));
    this.tell(session);
  }

  private tell(session: DebugSession): void {
    if (this.isDisposed) {
      return;
    }
    this.untold.add(session);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      const sessions = [...this.untold].filter(this.isKept);
      this.untold.clear();
      sessions.forEach(this.onChanged);
    }, gatherMs);
  }
}

/** As it is called before it has been looked up: by its file and the offset in it. */
function unnamed({ address, path: file, fileOffset }: CodeLocationDto): CodeDto {
  return { address, name: file === '' ? '' : `${path.basename(file)}+${fileOffset}`, source: null };
}
