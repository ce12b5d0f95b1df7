/** What the page remembers over a reload: the view, never the data. Bad or old state is ignored. */
import * as v from 'valibot';
import { type TimelineState } from './timelineState.ts';

const schemaVersion = 1;

const SavedState = v.object({
  version: v.literal(schemaVersion),
  /** The session that the window and the selection belong to. */
  sessionKey: v.nullable(v.string()),
  startNs: v.pipe(v.number(), v.finite()),
  endNs: v.pipe(v.number(), v.finite()),
  isFollowing: v.boolean(),
  selectedId: v.nullable(v.pipe(v.number(), v.integer())),
  input: v.object({
    ioctl: v.picklist(['copy', 'zeropage']),
    source: v.picklist(['fill', 'pattern', 'bytes']),
    fillByte: v.string(),
    bytes: v.string(),
    format: v.picklist(['hex', 'text']),
    lengthPages: v.string(),
    dontWake: v.boolean(),
  }),
});
type SavedState = v.InferOutput<typeof SavedState>;

/** The part of the webview's API that keeps state. */
export interface StateKeeper {
  getState(): unknown;
  setState(state: unknown): unknown;
}

/** Milliseconds that changes may wait, so that a drag does not store each of its frames. */
const saveDelayMs = 250;

/** Restores the state of the last load, and from then on stores each change. */
export function keepState(state: TimelineState, keeper: StateKeeper): void {
  const parsed = v.safeParse(SavedState, keeper.getState());
  if (parsed.success) {
    state.setInput(parsed.output.input);
    restoreWithSession(state, parsed.output);
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  state.subscribe((change) => {
    // Before the host has told of the session, what was stored last is still the better state.
    if (change !== 'rows' && change !== 'results' && state.view !== undefined) {
      timer ??= setTimeout(() => {
        timer = undefined;
        keeper.setState(savedFrom(state));
      }, saveDelayMs);
    }
  });
}

/** Restores window and selection once the host has told of the session they belong to. */
function restoreWithSession(state: TimelineState, saved: SavedState): void {
  const stop = state.subscribe((change) => {
    if (change !== 'session' || state.view === undefined) {
      return;
    }
    stop();
    if (state.sessionKey === null || state.sessionKey !== saved.sessionKey || saved.endNs <= saved.startNs) {
      return;
    }
    if (saved.selectedId !== null && state.trace.faults.indexOf(saved.selectedId) !== -1) {
      state.select(saved.selectedId);
    }
    state.showWindow(saved.startNs, saved.endNs);
    state.setFollowing(saved.isFollowing);
  });
}

function savedFrom(state: TimelineState): SavedState {
  return {
    version: schemaVersion,
    sessionKey: state.sessionKey,
    startNs: state.scale.startNs,
    endNs: state.scale.endNs,
    isFollowing: state.isFollowing,
    selectedId: state.selectedId,
    input: state.input,
  };
}
