/** Fetches the bytes of the hex preview while it is open: what the source would give, what the page holds. */
import type { Hex } from '../../native-helper/protocol/conventions.ts';
import type { BytesDto, PageSourceDto } from '../../native-helper/protocol/files.ts';
import { fromBase64 } from '../model/base64.ts';
import { readMoveSource, readSource } from '../model/resolveInput.ts';
import { type FaultAtHand, faultAtHand } from './faultAtHand.ts';
import { type HostSync } from './hostSync.ts';
import { LatestRequest } from './latestRequest.ts';
import { type TimelineState } from './timelineState.ts';

/** So that typing asks once it pauses. */
const sourcePauseMs = 250;
const pagePauseMs = 80;
/** Bytes shown at first. */
export const previewBytes = 256;
/** Most bytes that one request gives. */
export const previewBytesMax = 65_536;

export function watchPreview(state: TimelineState, host: HostSync): void {
  const { resolving } = state;
  const sourceRequest = new LatestRequest<BytesDto>(sourcePauseMs);
  const pageRequest = new LatestRequest<BytesDto>(pagePauseMs);
  /** What was asked for last: the same is not asked for twice. */
  let sourceAsked = '';
  let pageAsked = '';
  let addressShown = '';

  const askSource = (fault: FaultAtHand, address: Hex, lengthBytes: number): void => {
    const wanted = sourceOf(state, fault);
    const question = JSON.stringify([wanted, address, lengthBytes, resolving.previewRound]);
    if (question === sourceAsked) {
      return;
    }
    sourceAsked = question;
    if (typeof wanted === 'string') {
      sourceRequest.forget();
      resolving.setSourceBytes({ text: wanted });
      return;
    }
    sourceRequest.ask(
      () => host.preview(wanted, address, lengthBytes),
      ({ bytes }) => resolving.setSourceBytes({ bytes: fromBase64(bytes) }),
      (text) => resolving.setSourceBytes({ text }),
    );
  };

  const askPage = (address: Hex, lengthBytes: number): void => {
    const rows = state.trace.rowsOf(state.selectedIndex).length;
    const question = JSON.stringify([address, lengthBytes, rows, state.isLive, resolving.previewRound]);
    if (question === pageAsked) {
      return;
    }
    pageAsked = question;
    if (!state.isLive) {
      pageRequest.forget();
      resolving.setPageBytes({ text: 'The session is over: the page is not read any more.' });
      return;
    }
    pageRequest.ask(
      () => host.readMemory(address, lengthBytes),
      ({ bytes }) => resolving.setPageBytes({ bytes: fromBase64(bytes) }),
      (text) => resolving.setPageBytes({ text }),
    );
  };

  state.subscribe((change) => {
    if (change === 'window') {
      return;
    }
    const fault = resolving.isPreviewOpen ? faultAtHand(state) : undefined;
    if (fault?.page === undefined) {
      sourceRequest.forget();
      pageRequest.forget();
      sourceAsked = pageAsked = '';
      return;
    }
    const address: Hex = `0x${fault.page.page.toString(16)}`;
    if (address !== addressShown) {
      // Bytes of one page must not stand there as those of another.
      addressShown = address;
      resolving.setSourceBytes({});
      resolving.setPageBytes({});
    }
    const shownBytes = resolving.isPreviewWhole ? previewBytesMax : previewBytes;
    const lengthBytes = Math.min(fault.page.range.pageBytes, shownBytes);
    askSource(fault, address, lengthBytes);
    askPage(address, lengthBytes);
  });
}

/** The source to preview; a sentence when there is none. */
function sourceOf(state: TimelineState, fault: FaultAtHand): PageSourceDto | string {
  switch (fault.ioctl) {
    case 'copy': {
      const source = readSource(state.resolving.input, fault, fault.page?.range.pageBytes ?? 0);
      return 'errors' in source ? Object.values(source.errors).join(' ') : source;
    }
    case 'move': {
      const source = readMoveSource(state.resolving.input);
      return typeof source === 'string'
        ? { kind: 'target', address: source }
        : Object.values(source.errors).join(' ');
    }
    case 'zeropage':
      return { kind: 'fill', byte: 0 };
    case 'continue':
      return 'CONTINUE maps the page that is in the page cache: its bytes can be read once it is mapped.';
    case 'unprotect':
    case 'protect':
      return 'WRITEPROTECT leaves the bytes of the page as they are.';
    case 'poison':
      return 'POISON gives no bytes: every access raises SIGBUS.';
  }
}
