/** What an export is made of: a live session's trace as it is now, or an opened recording's. Pure: no VS Code. */
import { unpackRows } from '../../native-helper/log/packedRows.ts';
import type { EventRows } from '../../native-helper/log/eventRows.ts';
import type { SessionDto, ThreadDto } from '../../native-helper/protocol/session.ts';
import type { CodeDto } from '../../webview/protocol.ts';
import type { TimelineSession } from '../timeline/timelineSession.ts';
import { batchesOf } from './traceRows.ts';

export interface ExportSource {
  readonly session: SessionDto;
  readonly threads: readonly ThreadDto[];
  readonly codes: readonly CodeDto[];
  /** Null for all of them. */
  readonly faultIds: ReadonlySet<number> | null;
  /** Rows to come, for the progress. */
  readonly rowCount: number;
  /** All rows, oldest first. */
  batches(): Iterable<EventRows>;
}

export function exportSource(
  { dto, threads, codes, trace }: TimelineSession,
  faultIds: ReadonlySet<number> | null,
): ExportSource {
  const { revision } = trace;
  return {
    session: dto,
    threads,
    codes,
    faultIds,
    rowCount: trace.keptRows,
    *batches() {
      for (const batch of batchesOf(trace)) {
        const rows = unpackRows(batch);
        if (rows.firstSequence > revision) {
          // It came after the export began.
          return;
        }
        yield rows;
      }
    },
  };
}

/** Rows that become text at a time: few enough that others have their turn soon. */
export const rowsPerPiece = 2048;

/** The address of a row, without a bigint. */
export function hexAddress({ addressWords }: EventRows, i: number): string {
  const [low, high] = [addressWords[2 * i]!, addressWords[2 * i + 1]!];
  return high === 0 ? `0x${low.toString(16)}` : `0x${high.toString(16)}${low.toString(16).padStart(8, '0')}`;
}

/** A piece of the file, and how many rows have been used up for it. */
export interface ExportPiece {
  readonly text: string;
  readonly rows: number;
  /** Events in the piece. */
  readonly events: number;
}
