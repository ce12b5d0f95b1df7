/** The instructions that raised a session's faults, and what they are called. Pure: no VS Code. */
import path from 'node:path';
import type { CodeLocationDto } from '../../native-helper/protocol/inspect.ts';
import type { CodeDto } from '../../webview/protocol.ts';
import type { Symbolizer } from '../symbols/symbolizer.ts';
import type { DebugSession } from './debugSession.ts';

/** Looks an instruction up; what cannot be found out is undefined. */
export type NameOf = Symbolizer['nameOf'];

export class CodeNames {
  private readonly nameOf: NameOf;
  private readonly isKept: (session: DebugSession) => boolean;
  private readonly onChanged: (session: DebugSession) => void;
  /** The look of each session that was begun last: they go one after the other, for each reads a file. */
  private readonly lastLook = new WeakMap<DebugSession, Promise<void>>();

  /**
   * @param isKept whether a session is not forgotten yet; one that is needs no names
   * @param onChanged told when the codes of a session are others
   */
  constructor(
    nameOf: NameOf,
    isKept: (session: DebugSession) => boolean,
    onChanged: (session: DebugSession) => void,
  ) {
    this.nameOf = nameOf;
    this.isKept = isKept;
    this.onChanged = onChanged;
  }

  /** Adds an instruction to the session's codes at once, and gives it its name when that is found out. */
  add(session: DebugSession, location: CodeLocationDto): void {
    const code = unnamed(location);
    session.codes = [...session.codes, code];
    this.onChanged(session);
    const before = this.lastLook.get(session) ?? Promise.resolve();
    const look = before.then(() => this.name(session, code, location)).catch(() => undefined);
    this.lastLook.set(session, look);
  }

  private async name(session: DebugSession, code: CodeDto, location: CodeLocationDto): Promise<void> {
    if (!this.isKept(session)) {
      return;
    }
    const { symbol, source } = await this.nameOf(location);
    if ((symbol === undefined && source === undefined) || !this.isKept(session)) {
      return;
    }
    const named: CodeDto = { ...code, name: symbol ?? code.name, source: source ?? null };
    session.codes = session.codes.map((other) => (other === code ? named : other));
    this.onChanged(session);
  }
}

/** As it is called before it has been looked up: by its file and the offset in it. */
function unnamed({ address, path: file, fileOffset }: CodeLocationDto): CodeDto {
  return { address, name: file === '' ? '' : `${path.basename(file)}+${fileOffset}`, source: null };
}
