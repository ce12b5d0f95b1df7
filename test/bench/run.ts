/**
 * `npm run bench [-- NAME…]`: measures the budgets of the design, each against a reference
 * in the same run, and prints one JSON object per line on stdout. Never part of the tests.
 */
import { detach } from './detach.ts';
import { firstEvent } from './firstEvent.ts';
import { hostStream } from './hostStream.ts';
import { inspectScan } from './inspectScan.ts';
import { inspectSlowdown } from './inspectSlowdown.ts';
import { compileTargets } from '../workbench/compileTargets.ts';
import type { Measure } from './measurement.ts';
import { messagePath } from './messagePath.ts';
import { timelineFilter } from './timelineFilter.ts';
import { resolveRoundtrip } from './resolveRoundtrip.ts';
import { serveLatency, servePrefetch, serveThroughput } from './serve.ts';
import { traceOpen } from './traceOpen.ts';
import { timelineLive } from './timelineLive.ts';
import { timelinePeer } from './timelinePeer.ts';
import { timelineFrame, timelineHit, timelineLoad } from './timeline.ts';

const benchmarks: Readonly<Record<string, Measure>> = {
  'first-event': firstEvent,
  'serve-throughput': serveThroughput,
  'serve-latency': serveLatency,
  'serve-prefetch': servePrefetch,
  'resolve-roundtrip': resolveRoundtrip,
  'message-path': messagePath,
  'host-stream': hostStream,
  'inspect-scan': inspectScan,
  'inspect-slowdown': inspectSlowdown,
  detach,
  'timeline-load': timelineLoad,
  'timeline-frame': timelineFrame,
  'timeline-hit': timelineHit,
  'timeline-live': timelineLive,
  'timeline-peer': timelinePeer,
  'timeline-filter': timelineFilter,
  'trace-open': traceOpen,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in benchmarks));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are: ${Object.keys(benchmarks).join(', ')}`);
  process.exit(2);
}
await compileTargets();
for (const [name, measure] of Object.entries(benchmarks)) {
  if (asked.length === 0 || asked.includes(name)) {
    for (const measurement of await measure()) {
      console.log(JSON.stringify({ name, ...measurement }));
    }
  }
}
