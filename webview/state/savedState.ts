/** What the page remembers over a reload: the view, never the data. Bad or old state is ignored. */
import * as v from 'valibot';
import { laneGroupings } from '../model/laneSet.ts';
import { accessKinds, type FaultFilter, faultScopes } from '../model/faultFilter.ts';
import { type TimeStretch } from '../model/timeStretch.ts';
import { ledgerColumnIds } from '../model/ledgerColumns.ts';
import { ledgerMaxHeightPx, ledgerMinHeightPx } from '../model/ledgerView.ts';
import { type StateChange, type TimelineState } from './timelineState.ts';

const schemaVersion = 4;

const ioctl = v.picklist(['copy', 'zeropage', 'continue', 'unprotect', 'protect', 'poison', 'move']);

const faultId = v.pipe(v.number(), v.integer());
const span = v.object({ from: v.number(), until: v.number() });
/** Of a larger selection only the primary fault is remembered. */
const selectedIdsKept = 1000;

const stretch = { startNs: v.pipe(v.number(), v.finite()), endNs: v.pipe(v.number(), v.finite()) };

const SavedState = v.object({
  version: v.literal(schemaVersion),
  /** The current session, to which the selection belongs, and from whose start the window counts. */
  sessionKey: v.nullable(v.string()),
  startNs: v.pipe(v.number(), v.finite()),
  endNs: v.pipe(v.number(), v.finite()),
  isFollowing: v.boolean(),
  selectedId: v.nullable(faultId),
  selectedIds: v.array(faultId),
  /** The selected time and the kept marks, from the start of the session with that key on. */
  timeSelection: v.nullable(v.object(stretch)),
  marks: v.array(v.object({ ...stretch, name: v.string() })),
  /** Keys of the sessions that are collapsed. */
  collapsed: v.array(v.string()),
  ledger: v.object({
    isShown: v.boolean(),
    heightPx: v.pipe(v.number(), v.minValue(ledgerMinHeightPx), v.maxValue(ledgerMaxHeightPx)),
    sort: v.object({ column: v.picklist(ledgerColumnIds), isDescending: v.boolean() }),
  }),
  isShowingStatistics: v.boolean(),
  /** Times count from the current session's start. */
  filter: v.object({
    text: v.string(),
    scope: v.picklist(faultScopes),
    kinds: v.array(v.picklist(accessKinds)),
    tids: v.array(v.pipe(v.number(), v.integer())),
    hiddenTids: v.optional(v.array(v.pipe(v.number(), v.integer())), []),
    pages: v.nullable(span),
    latencyNs: v.nullable(span),
    timeNs: v.nullable(span),
  }),
  input: v.object({
    ioctls: v.object({
      missing: v.exactOptional(ioctl),
      wp: v.exactOptional(ioctl),
      minor: v.exactOptional(ioctl),
    }),
    source: v.picklist(['fill', 'pattern', 'bytes', 'file', 'image', 'target']),
    fillByte: v.string(),
    bytes: v.string(),
    format: v.picklist(['hex', 'text']),
    file: v.nullable(v.object({ fileId: v.number(), path: v.string(), sizeBytes: v.number() })),
    fileOffset: v.string(),
    imageBase: v.nullable(v.string()),
    targetAddress: v.string(),
    moveSource: v.string(),
    allowHoles: v.boolean(),
    lengthPages: v.string(),
    around: v.boolean(),
    dontWake: v.boolean(),
    wp: v.boolean(),
    order: v.picklist(['oldest', 'newest', 'address', 'selected']),
  }),
  isPreviewOpen: v.boolean(),
  laneBy: v.exactOptional(v.picklist(laneGroupings)),
});
type SavedState = v.InferOutput<typeof SavedState>;

/** The part of the webview's API that keeps state. */
export interface StateKeeper {
  getState(): unknown;
  setState(state: unknown): unknown;
}

/** Changes of what the host gives anew. */
const unsaved: ReadonlySet<StateChange> = new Set([
  'rows',
  'otherRows',
  'search',
  'shown',
  'results',
  'preflight',
]);

/** Milliseconds that changes may wait, so that a drag does not store each of its frames. */
const saveDelayMs = 250;

/** Restores the state of the last load, and from then on stores each change. */
export function keepState(state: TimelineState, keeper: StateKeeper): void {
  const parsed = v.safeParse(SavedState, keeper.getState());
  if (parsed.success) {
    state.resolving.setInput(parsed.output.input);
    state.resolving.setPreviewShown(parsed.output.isPreviewOpen, false);
    state.setLedger(parsed.output.ledger);
    state.setStatisticsShown(parsed.output.isShowingStatistics);
    state.setLaneBy(parsed.output.laneBy ?? 'thread');
    restoreWithSession(state, parsed.output);
  } else if (document.body.classList.contains('vscode-using-screen-reader')) {
    // The list says in words what the chart shows.
    state.setLedger({ isShown: true });
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  state.subscribe((change) => {
    // Before the host has told of the session, what was stored last is still the better state.
    if (!unsaved.has(change) && state.view !== undefined) {
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
    const { current } = state;
    for (const session of state.sessions) {
      session.isCollapsed = saved.collapsed.includes(session.key);
    }
    const owner = state.sessions.find(({ key }) => key === saved.sessionKey);
    if (owner !== undefined) {
      state.marks.restore(saved.marks.map((mark) => moved(mark, owner.startNs)));
      state.marks.select(saved.timeSelection === null ? null : moved(saved.timeSelection, owner.startNs));
    }
    if (current?.key !== saved.sessionKey || saved.endNs <= saved.startNs) {
      return;
    }
    const { file, imageBase } = saved.input;
    state.resolving.setInput({ ...state.resolving.input, file, imageBase });
    state.setFilter(movedFilter(saved.filter, current.startNs));
    const known = saved.selectedIds.filter((id) => state.trace.faults.indexOf(id) !== -1);
    if (known.length > 0) {
      state.selectMany(known, saved.selectedId);
    }
    state.window.show(current.startNs + saved.startNs, current.startNs + saved.endNs);
    state.window.setFollowing(saved.isFollowing);
  });
}

function moved<Stretch extends TimeStretch>(stretch: Stretch, byNs: number): Stretch {
  return { ...stretch, startNs: stretch.startNs + byNs, endNs: stretch.endNs + byNs };
}

function savedFrom(state: TimelineState): SavedState {
  const { selectedId, selectedIds, current } = state;
  const zeroNs = current?.startNs ?? 0;
  const isKept = selectedId === null || selectedIds.length <= selectedIdsKept;
  return {
    version: schemaVersion,
    sessionKey: state.sessionKey,
    startNs: state.window.scale.startNs - zeroNs,
    endNs: state.window.scale.endNs - zeroNs,
    isFollowing: state.window.isFollowing,
    selectedId,
    selectedIds: isKept ? [...selectedIds] : [selectedId],
    timeSelection: state.marks.selection === null ? null : moved(state.marks.selection, -zeroNs),
    marks: state.marks.list.flatMap(({ startNs, endNs, name }) =>
      name === null ? [] : [moved({ startNs, endNs, name }, -zeroNs)],
    ),
    collapsed: state.sessions.filter(({ isCollapsed }) => isCollapsed).map(({ key }) => key),
    ledger: state.ledger,
    isShowingStatistics: state.isShowingStatistics,
    filter: mutable(movedFilter(state.filter, -zeroNs)),
    input: state.resolving.input,
    isPreviewOpen: state.resolving.isPreviewOpen,
    laneBy: state.laneBy,
  };
}

/** The filter with its times moved to another beginning of the axis. */
function movedFilter(filter: FaultFilter, byNs: number): FaultFilter {
  const { timeNs } = filter;
  return timeNs === null
    ? filter
    : { ...filter, timeNs: { from: timeNs.from + byNs, until: timeNs.until + byNs } };
}

function mutable(filter: FaultFilter): SavedState['filter'] {
  return { ...filter, kinds: [...filter.kinds], tids: [...filter.tids], hiddenTids: [...filter.hiddenTids] };
}
