/**
 * What a trace file says about its session, as metadata of its Arrow schema: strings under keys that begin with
 * `uffd.`, lists as JSON. Pure: no VS Code.
 */
import * as v from 'valibot';
import type { RangeDto } from '../../../native-helper/protocol/ranges.ts';
import type { SessionDto, ThreadDto } from '../../../native-helper/protocol/session.ts';
import type { CodeDto } from '../../../webview/protocol.ts';
import type { BatchOverview } from './batchOverview.ts';

/** Counts up when a reader of the version before would misread a file. */
export const formatVersion = 1;

export interface TraceHeader {
  readonly formatVersion: number;
  /** As it was when the session began; its ranges are those when the recording began. */
  readonly session: SessionDto;
  /** Path of the program, empty when it could not be read. */
  readonly exe: string;
  readonly kernelRelease: string;
  /** Wall clock of the session's time zero, ISO 8601 in UTC. */
  readonly startedAt: string;
  /** Threads that had faulted before the recording began. */
  readonly threads: readonly ThreadDto[];
  /** Instructions that had raised faults before then; none in a file from before they were told. */
  readonly codes: readonly CodeDto[];
}

/** What is others since the batch before: whole lists. Metadata of a record batch, which may have no rows. */
export interface TraceUpdate {
  readonly threads?: readonly ThreadDto[];
  readonly codes?: readonly CodeDto[];
  readonly ranges?: readonly RangeDto[];
}

const key = {
  version: 'uffd.format_version',
  pid: 'uffd.pid',
  comm: 'uffd.comm',
  exe: 'uffd.exe',
  commandLine: 'uffd.command_line',
  kernel: 'uffd.kernel_release',
  startNs: 'uffd.start_monotonic_ns',
  startedAt: 'uffd.start_utc',
  features: 'uffd.features',
  descriptor: 'uffd.descriptor',
  notes: 'uffd.notes',
  isCustody: 'uffd.is_custody',
  ranges: 'uffd.ranges',
  threads: 'uffd.threads',
  codes: 'uffd.codes',
  overview: 'uffd.overview',
} as const;

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const texts = v.array(v.string());
const hex = v.custom<`0x${string}`>((text) => typeof text === 'string' && /^0x[0-9a-f]{1,16}$/.test(text));
const ranges = v.array(
  v.object({
    start: hex,
    lengthBytes: count,
    modes: texts,
    memory: v.picklist(['anonymous', 'shmem', 'hugetlb', 'file']),
    isShared: v.boolean(),
    pageBytes: v.pipe(count, v.minValue(1)),
    thpBytes: count,
    backing: v.string(),
  }),
);
const threads = v.array(v.object({ tid: count, comm: v.string() }));
const codes = v.array(
  v.object({
    address: hex,
    name: v.string(),
    source: v.nullable(v.object({ path: v.string(), line: count })),
  }),
);
const descriptor = v.object({ fd: count, inode: count, ioctls: texts, isBlocking: v.boolean() });

export function headerMetadata({
  session,
  exe,
  kernelRelease,
  startedAt,
  threads,
  codes,
}: TraceHeader): Map<string, string> {
  const { fd, inode, ioctls, isBlocking, features } = session.uffd;
  return new Map<string, string>([
    [key.version, String(formatVersion)],
    [key.pid, String(session.pid)],
    [key.comm, session.comm],
    [key.exe, exe],
    [key.commandLine, session.commandLine],
    [key.kernel, kernelRelease],
    [key.startNs, BigInt(session.startTimeNs).toString()],
    [key.startedAt, startedAt],
    [key.features, JSON.stringify(features)],
    [key.descriptor, JSON.stringify({ fd, inode, ioctls, isBlocking })],
    [key.notes, JSON.stringify(session.notes)],
    [key.isCustody, String(session.isCustody)],
    ...updateMetadata({ ranges: session.ranges, threads, codes }),
  ]);
}

/** What a batch without rows says. */
export function updateMetadata(update: TraceUpdate): Map<string, string> {
  return new Map<string, string>([
    ...(update.threads === undefined ? [] : [[key.threads, JSON.stringify(update.threads)] as const]),
    ...(update.codes === undefined ? [] : [[key.codes, JSON.stringify(update.codes)] as const]),
    ...(update.ranges === undefined ? [] : [[key.ranges, JSON.stringify(update.ranges)] as const]),
  ]);
}

/** What a batch of rows says besides them. */
export function batchMetadata(update: TraceUpdate, overview: BatchOverview): Map<string, string> {
  return updateMetadata(update).set(key.overview, JSON.stringify(overview));
}

/** The overview of a batch; empty where it has none. */
export function overviewTextOf(metadata: ReadonlyMap<string, string>): string {
  return metadata.get(key.overview) ?? '';
}

/** Format version of a trace; null when the metadata is not that of a trace. */
export function versionOf(metadata: ReadonlyMap<string, string>): number | null {
  const text = metadata.get(key.version);
  return text !== undefined && /^[1-9]\d{0,5}$/.test(text) ? Number(text) : null;
}

/** @throws Error that says which key is wrong, and how */
export function headerFrom(metadata: ReadonlyMap<string, string>, version: number): TraceHeader {
  const text = (name: string): string => metadata.get(name) ?? '';
  const { fd, inode, ioctls, isBlocking } = json(metadata, key.descriptor, descriptor);
  return {
    formatVersion: version,
    exe: text(key.exe),
    kernelRelease: text(key.kernel),
    startedAt: text(key.startedAt),
    threads: json(metadata, key.threads, threads),
    codes: metadata.has(key.codes) ? json(metadata, key.codes, codes) : [],
    session: {
      sessionId: 1,
      pid: wholeNumber(metadata, key.pid),
      comm: text(key.comm),
      commandLine: text(key.commandLine),
      uffd: {
        fd,
        inode,
        ioctls,
        isBlocking,
        features: json(metadata, key.features, texts),
        pending: 0,
        total: 0,
        isApiDone: true,
      },
      startTimeNs: `0x${BigInt(wholeNumber(metadata, key.startNs)).toString(16)}`,
      ranges: readRanges(metadata),
      notes: json(metadata, key.notes, texts),
      isCustody: text(key.isCustody) === 'true',
      frozen: [],
    },
  };
}

/** @throws Error likewise */
export function updateFrom(metadata: ReadonlyMap<string, string>): TraceUpdate {
  return {
    ...(metadata.has(key.threads) ? { threads: json(metadata, key.threads, threads) } : {}),
    ...(metadata.has(key.codes) ? { codes: json(metadata, key.codes, codes) } : {}),
    ...(metadata.has(key.ranges) ? { ranges: readRanges(metadata) } : {}),
  };
}

/** Whether it says that anything is others. */
export function hasUpdate(update: TraceUpdate): boolean {
  return Object.keys(update).length > 0;
}

function readRanges(metadata: ReadonlyMap<string, string>): RangeDto[] {
  return json(metadata, key.ranges, ranges);
}

function wholeNumber(metadata: ReadonlyMap<string, string>, name: string): number {
  const text = metadata.get(name) ?? '';
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new Error(`${name} is "${text.slice(0, 40)}", not a whole number`);
  }
  return value;
}

function json<Schema extends v.GenericSchema>(
  metadata: ReadonlyMap<string, string>,
  name: string,
  schema: Schema,
): v.InferOutput<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(metadata.get(name) ?? '');
  } catch {
    throw new Error(`${name} is not JSON`);
  }
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new Error(`${name}: ${v.getDotPath(issue) ?? ''} ${issue.message}`);
  }
  return parsed.output;
}
