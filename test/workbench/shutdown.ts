import { constants } from 'node:os';

/** Something that must not outlive this process. */
export interface Leftover {
  /** Ends it in good order; called on Ctrl+C, SIGTERM and SIGHUP. */
  stop(): Promise<void>;
  /** Ends it at once; called when this process exits without having stopped it. */
  kill(): void;
}

const leftovers = new Set<Leftover>();
let isHandling = false;
/** Set once a signal asked this process to end. */
let signalExitCode: number | null = null;

/** Registers a leftover. Call the returned function when it has ended. */
export function onShutdown(leftover: Leftover): () => void {
  if (!isHandling) {
    isHandling = true;
    handleEnd();
  }
  leftovers.add(leftover);
  return () => leftovers.delete(leftover);
}

/** Stops every leftover, the newest first. */
export async function stopLeftovers(): Promise<void> {
  for (const leftover of [...leftovers].reverse()) {
    await leftover.stop();
  }
}

/** Stops every leftover and ends this process; after a signal, with that signal's exit code. */
export async function stopAndExit(exitCode: number): Promise<never> {
  try {
    await stopLeftovers();
  } finally {
    process.exit(signalExitCode ?? exitCode);
  }
}

function handleEnd(): void {
  process.once('exit', () => {
    for (const leftover of [...leftovers].reverse()) {
      leftover.kill();
    }
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (signalExitCode !== null) {
        // Asked a second time: at once, then.
        process.exit(signalExitCode);
      }
      signalExitCode = 128 + constants.signals[signal];
      void stopAndExit(signalExitCode);
    });
  }
}
