/** Tells the client of actions that failed, once for each rule and reason. */
import { ioctlResultText } from '../abi/errnoText.ts';
import { rowKinds } from '../log/eventRows.ts';
import type { ActionRows } from './actionRows.ts';
import type { ReaderMessage } from './readerProtocol.ts';

export class RuleFailures {
  private readonly post: (message: ReaderMessage) => void;
  private readonly told = new Set<string>();

  constructor(post: (message: ReaderMessage) => void) {
    this.post = post;
  }

  /** The kernel's answer is the last of `rows`. */
  refused(rule: number, faultId: number, rows: ActionRows, last: number): void {
    const errno = rows.errno[last]!;
    const text = ioctlResultText(
      rowKinds[rows.kind[last]!]!,
      errno,
      BigInt(rows.out[last]!),
      rows.lengthBytes[last]!,
      0,
    );
    this.tell(rule, faultId, `errno ${errno}`, text);
  }

  /** @param text a sentence */
  failed(rule: number, faultId: number, text: string): void {
    this.tell(rule, faultId, text, text);
  }

  /** The rules are others now. */
  clear(): void {
    this.told.clear();
  }

  private tell(rule: number, faultId: number, reason: string, text: string): void {
    const key = `${rule} ${reason}`;
    if (!this.told.has(key)) {
      this.told.add(key);
      this.post({ kind: 'ruleFailed', rule, faultId, text: `${text} Fault ${faultId} stays held.` });
    }
  }
}
