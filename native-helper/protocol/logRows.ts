/** Rows of the event log on their way to the client. */
import { NotificationType } from 'vscode-jsonrpc';

export interface LogDidAppendParams {
  readonly sessionId: number;
  /** One packed batch (log/eventRows.ts) in base64. */
  readonly rows: string;
}
/**
 * New rows of the event log, at most 16 ms after the first of them happened. While too many of them are
 * not acknowledged, none come; rows `lost` then tell how many faults were over meanwhile.
 */
export const LogDidAppendNotification = new NotificationType<LogDidAppendParams>('log/didAppend');

export interface RowsAcknowledgedParams {
  readonly sessionId: number;
  /** Sequence number of the last row that the client has taken up. */
  readonly lastSequence: number;
}
/** From the client: it has taken up rows. */
export const RowsAcknowledgedNotification = new NotificationType<RowsAcknowledgedParams>('rows/acknowledged');
