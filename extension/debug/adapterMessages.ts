/**
 * What the messages between VS Code and a debug adapter tell of the process that is debugged.
 * Adapters are other people's programs: what is not as the Debug Adapter Protocol has it tells
 * nothing. Pure: no VS Code.
 */
import * as v from 'valibot';

/** Some adapters say -1 where they do not know. */
const pidNumber = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0x7fffffff));
/** Some configurations have it as text. */
const pid = v.union([pidNumber, v.pipe(v.string(), v.regex(/^\d+$/), v.transform(Number), pidNumber)]);

/** A process on the adapter's machine, which is ours. */
const processEvent = v.object({
  type: v.literal('event'),
  event: v.literal('process'),
  body: v.object({ systemProcessId: pid, isLocalProcess: v.nullish(v.literal(true)) }),
});

const absent = v.optional(v.never());
/** With any of these of cppdbg, lldb-dap and gdb, the process is on another machine. */
const remote = {
  pipeTransport: absent,
  miDebuggerServerAddress: absent,
  'gdb-remote-hostname': absent,
  'gdb-remote-port': absent,
  target: absent,
};
const attachRequest = v.object({
  type: v.literal('request'),
  command: v.literal('attach'),
  arguments: v.union([
    v.object({ ...remote, pid }),
    // So cppdbg has it.
    v.object({ ...remote, processId: pid }),
  ]),
});

/** What CodeLLDB writes into the console after a launch: it sends no `process` event. */
const launchOutput = v.object({
  type: v.literal('event'),
  event: v.literal('output'),
  body: v.object({
    category: v.nullish(v.literal('console')),
    output: v.pipe(
      v.string(),
      v.regex(/^Launched process \d+ from /),
      v.transform((output) => Number(output.split(' ')[2])),
      pidNumber,
    ),
  }),
});

const beginning = v.union([
  v.pipe(
    processEvent,
    v.transform(({ body }) => body.systemProcessId),
  ),
  v.pipe(
    attachRequest,
    v.transform(({ arguments: target }) => ('pid' in target ? target.pid : target.processId)),
  ),
  v.pipe(
    launchOutput,
    v.transform(({ body }) => body.output),
  ),
]);

/** The process whose debugging a message begins; undefined when it says nothing of one here. */
export function debuggedPid(message: unknown): number | undefined {
  const parsed = v.safeParse(beginning, message);
  return parsed.success ? parsed.output : undefined;
}

/** A uffd is often followed by the start of the thread that is to read it. */
const progress = v.variant('type', [
  v.object({
    type: v.literal('event'),
    event: v.picklist(['process', 'thread', 'stopped', 'continued']),
  }),
  v.object({
    type: v.literal('response'),
    command: v.picklist(['attach', 'launch', 'configurationDone', 'continue']),
    success: v.literal(true),
  }),
]);

/** Whether the process has run since the message before, or does now: it may have a uffd by then. */
export function tellsProgress(message: unknown): boolean {
  return v.is(progress, message);
}
