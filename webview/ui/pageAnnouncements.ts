/** What a screen reader is told while the page is used: the selection, its phase, what is held, the map, the end. */
import type { MapChangeDto } from '../../native-helper/protocol/session.ts';
import { type FaultPhase } from '../model/faultTable.ts';
import { faultSentence, phaseWords } from '../model/faultWords.ts';
import { changingWords } from '../model/mapChangeWords.ts';
import { sessionName, sessionStateWords } from '../model/sessionWords.ts';
import { type SessionTimeline } from '../state/sessionTimeline.ts';
import { type StateChange, type TimelineState } from '../state/timelineState.ts';
import { Announcer } from './announcer.ts';

/** Least time between two announcements. */
const pauseMs = 1000;

export class PageAnnouncements {
  private readonly announcer: Announcer;
  private phase: FaultPhase | undefined;
  private session: SessionTimeline | null = null;
  private held = 0;
  private mapChange: MapChangeDto | null = null;
  private endText: string | null = null;
  private isFollowing = true;

  constructor(speak: (text: string) => void) {
    this.announcer = new Announcer(speak, pauseMs);
  }

  /** Says what of this change is worth a word. */
  stateChanged(state: TimelineState, change: StateChange): void {
    const { faults } = state.trace;
    const i = state.selectedIndex;
    const phase = i === -1 ? undefined : faults.phase(i);
    const { current } = state;
    if (current !== null && current !== this.session) {
      const isFirst = this.session === null;
      this.session = current;
      if (!isFirst) {
        this.held = faults.heldCount;
        this.mapChange = current.view.mapChange;
        this.endText = current.view.endText;
        this.announcer.say('session', () => sessionSentence(current));
      }
    }
    const { isFollowing } = state.window;
    if (isFollowing !== this.isFollowing && state.isAnyLive) {
      this.announcer.say('follow', () =>
        state.window.isFollowing
          ? 'Following the live edge.'
          : 'Following is paused. End follows the live edge again.',
      );
    }
    this.isFollowing = isFollowing;
    if (change === 'selection') {
      this.announcer.say('selection', () => selectedSentence(state));
    } else if (phase !== undefined && phase !== this.phase) {
      const id = faults.id(i);
      this.announcer.say('phase', () =>
        state.selectedId === id ? `Fault ${id}: ${phaseWords[phase].toLowerCase()}.` : '',
      );
    }
    if (faults.heldCount > this.held) {
      this.announcer.say('held', () => heldSentence(state.trace.faults.heldCount));
    }
    const mapChange = state.view?.mapChange ?? null;
    if (mapChange !== null && mapChange !== this.mapChange) {
      this.announcer.say('map', () => changingWords(mapChange).long);
    }
    const endText = state.view?.endText ?? null;
    if (endText !== null && endText !== this.endText) {
      this.announcer.say('end', () => endText);
    }
    this.phase = phase;
    this.held = faults.heldCount;
    this.mapChange = mapChange;
    this.endText = endText;
  }

  /** Says what a command has to say. */
  say(text: string): void {
    this.announcer.say('command', () => text);
  }
}

function selectedSentence(state: TimelineState): string {
  const { faults } = state.trace;
  const i = state.selectedIndex;
  if (i === -1) {
    return 'No fault selected.';
  }
  const count = state.selectedIds.length;
  const sentence = faultSentence(faults, i, state.nowNs(), state);
  return count > 1 ? `${count} faults selected. ${sentence}` : sentence;
}

function sessionSentence({ id, view, isLive, trace }: SessionTimeline): string {
  const { heldCount, asleepCount } = trace.faults;
  return `Session ${id}: ${sessionName(view)}, ${sessionStateWords(isLive, heldCount, asleepCount)}.`;
}

function heldSentence(count: number): string {
  return count === 0 ? '' : count === 1 ? '1 fault held.' : `${count} faults held.`;
}
