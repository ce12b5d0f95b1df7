/**
 * Fault rules ("fault breakpoints"): what the reader thread does with a fault by itself.
 *
 * One form serves a rules file, the workspace's store and the wire; they differ only in how a
 * file is named (`File`): by its path where people write it, by a number on the wire, because
 * the helper opens none. Pure: no Node.
 */

/** Where the bytes of a COPY come from. */
export type PageSource<File> =
  /** Every byte is this one, 0 to 255. */
  | { readonly kind: 'fill'; readonly byte: number }
  /** These bytes (base64, at least one), repeated to the length. */
  | { readonly kind: 'pattern'; readonly bytes: string }
  /** These bytes (base64) from the start, zeros behind them; more than the length is an error. */
  | { readonly kind: 'bytes'; readonly bytes: string }
  /** The file's bytes from this offset on, the same for every fault. */
  | { readonly kind: 'file'; readonly file: File; readonly offsetBytes: number }
  /** A memory image: address A gets the byte at offset A − base, as snapshot restores do. */
  | { readonly kind: 'image'; readonly file: File; readonly base: string }
  /** The target's own memory from this address on (hex); a missing page there is an error. */
  | { readonly kind: 'target'; readonly address: string };

/** An ioctl that resolves by itself, with its mode: by hand or by rule. */
export type ServingAction<File> =
  | {
      readonly ioctl: 'copy';
      readonly source: PageSource<File>;
      readonly dontWake: boolean;
      /** Mode WP: the page comes write-protected. */
      readonly wp: boolean;
    }
  | { readonly ioctl: 'zeropage' | 'poison'; readonly dontWake: boolean }
  | { readonly ioctl: 'continue'; readonly dontWake: boolean; readonly wp: boolean }
  /** `protect` arms the protection, which resolves no fault; the kernel refuses DONTWAKE with it. */
  | { readonly ioctl: 'writeprotect'; readonly protect: boolean; readonly dontWake: boolean };

/**
 * Takes pages of the target from `source` (hex) on away, to where they are missing. `allowHoles`
 * passes over those that are not there. Done by a frozen thread of the target, so by no rule.
 */
export interface MoveAction {
  readonly ioctl: 'move';
  readonly source: string;
  readonly dontWake: boolean;
  readonly allowHoles: boolean;
}

/** An ioctl that resolves, with its mode. */
export type ResolveAction<File> = ServingAction<File> | MoveAction;

export type FaultKind = 'missing' | 'wp' | 'minor';

/** Which faults a rule is for; what is left out matches every fault. */
export interface RuleMatch {
  /** Address ranges as `0x7f0000000000-0x7f0000100000` (end exclusive), not overlapping. */
  readonly ranges?: readonly string[];
  readonly kinds?: readonly FaultKind[];
  /** A thread id, or the name of threads. */
  readonly thread?: number | string;
  /**
   * Of the faults that match the rest, which ones by their count, in the words of DAP's
   * hitCondition: `5` or `== 5` the fifth, `> 5`, `>= 5`, `< 5`, `<= 5`, `% 5` every fifth.
   */
  readonly hitCondition?: string;
}

/** Most pages a rule provides for one fault: the reader thread does nothing else meanwhile. */
export const mostRulePages = 1024;

export type RuleAction<File> =
  | { readonly do: 'hold' }
  /** Notes the fault in the event log and goes on with the next rule. */
  | { readonly do: 'log' }
  /** WAKE without a page: the thread faults again. */
  | { readonly do: 'wake' }
  | {
      readonly do: 'resolve';
      readonly action: ServingAction<File>;
      /** As in a request to resolve; at most `mostRulePages`, and 4 MiB of larger pages. */
      readonly lengthPages: number;
      readonly around: boolean;
    };

export interface FaultRule<File> {
  /** For people; may be empty. */
  readonly name: string;
  readonly isEnabled: boolean;
  readonly match: RuleMatch;
  readonly action: RuleAction<File>;
  /** The action is done this long after the fault was read. */
  readonly delayMs: number;
}
