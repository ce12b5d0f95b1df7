/**
 * Stands in for the helper: lists itself as the one process, whose session gets served faults at a steady
 * rate as soon as it is attached, through the helper's own stream of rows. No kernel takes part, so that
 * the rate does not depend on how fast this machine faults.
 *
 *     node rowSource.ts --pipe=PATH --batches=COUNT --batchRows=COUNT --batchMs=MILLISECONDS --sent=FILE
 *
 * Writes to FILE, as JSON, how many rows it has sent in how many milliseconds once it has sent all.
 */
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { RowStream } from '../../native-helper/capture/rowStream.ts';
import {
  LogDidAppendNotification,
  RowsAcknowledgedNotification,
} from '../../native-helper/protocol/logRows.ts';
import { ProcessListRequest, type UffdDto } from '../../native-helper/protocol/processes.ts';
import { AttachRequest, type SessionDto } from '../../native-helper/protocol/session.ts';
import { laterBatch, makeFlood } from './page/faultFlood.ts';

/** What the file says. */
export interface SentRows {
  readonly rows: number;
  readonly inMs: number;
}

const { values } = parseArgs({
  options: {
    pipe: { type: 'string' },
    batches: { type: 'string' },
    batchRows: { type: 'string' },
    batchMs: { type: 'string' },
    sent: { type: 'string' },
  },
});
const batches = Number(values.batches);
const batchMs = Number(values.batchMs);
const sessionId = 1;

const pipe = connect(values.pipe!);
const connection = createConnection(ProposedFeatures.all, pipe, pipe);
const flood = makeFlood(1, Number(values.batchRows), batchMs * 1e6);
const stream = new RowStream((batch) => {
  const params = { sessionId, rows: Buffer.from(batch).toString('base64') };
  void connection.sendNotification(LogDidAppendNotification, params);
});

const uffd: UffdDto = {
  fd: 3,
  inode: 1,
  pending: 0,
  total: 0,
  features: [],
  ioctls: ['COPY', 'WAKE'],
  isApiDone: true,
  isBlocking: false,
};
const described = { pid: process.pid, comm: 'rowsource', commandLine: 'rowsource', ranges: [] };

connection.onInitialize(() => ({ capabilities: {} }));
connection.onRequest(ProcessListRequest, () => [
  { ...described, uffds: [uffd], waiters: [], unreadable: [] },
]);
connection.onRequest(AttachRequest, (): SessionDto => {
  setImmediate(() => void sendRows());
  const startTimeNs = `0x${process.hrtime.bigint().toString(16)}`;
  return { ...described, sessionId, uffd, startTimeNs, notes: [], isCustody: false, frozen: [] };
});
connection.onNotification(RowsAcknowledgedNotification, ({ lastSequence }) =>
  stream.acknowledge(lastSequence),
);
connection.listen();

/** Each batch when it is due. */
async function sendRows(): Promise<void> {
  const beganMs = performance.now();
  for (let sent = 0; sent < batches; sent++) {
    const dueMs = beganMs + (sent + 1) * batchMs;
    await setTimeout(Math.max(0, dueMs - performance.now()));
    stream.append(laterBatch(flood, sent));
  }
  const sent: SentRows = { rows: stream.sentSequence, inMs: performance.now() - beganMs };
  await writeFile(values.sent!, JSON.stringify(sent));
}
