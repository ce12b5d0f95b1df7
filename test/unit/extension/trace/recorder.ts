/**
 * A program that records synthetic rows until it is killed: `node recorder.ts FILE ROWS_PER_SECOND`. It prints,
 * each second, a line with how many rows it gave to the recording and how much processor time it has used.
 */
import { TraceRecording } from '../../../../extension/trace/recording.ts';
import { rowsFrom } from '../../../../native-helper/log/eventRows.ts';
import { packedRows } from '../../../../native-helper/log/packedRows.ts';
import { header, servedAtOnce } from './sampleRecording.ts';

const [file, rowsPerSecond] = [process.argv[2]!, Number(process.argv[3])];
const batchMs = 16;
const rowsPerBatch = Math.round((rowsPerSecond * batchMs) / 1000);
const rows = servedAtOnce(rowsPerBatch);
// Packed once: making rows is not what is measured.
const template = rowsFrom(1, rows);
const state = { threads: header.threads, codes: header.codes, ranges: header.session.ranges };
const recording = await TraceRecording.start(file, header, state, (failure) => {
  console.log(JSON.stringify({ failure }));
  process.exit(1);
});
const started = performance.now();
let given = 0;
let packingMs = 0;
setInterval(() => {
  const due = Math.floor(((performance.now() - started) * rowsPerSecond) / 1000);
  while (given + rowsPerBatch <= due) {
    const before = performance.now();
    const batch = packedRows(template, rowsPerBatch, given + 1);
    packingMs += performance.now() - before;
    recording.add(batch);
    given += rowsPerBatch;
  }
}, batchMs);
setInterval(() => {
  const { user, system } = process.cpuUsage();
  console.log(
    JSON.stringify({
      given,
      written: recording.writtenRows,
      seconds: (performance.now() - started) / 1000,
      cpuSeconds: (user + system) / 1e6 - packingMs / 1000,
    }),
  );
}, 1000);
