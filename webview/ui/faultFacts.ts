/** What is known of a fault and of the memory it waits for, as a list of terms. */
import { html, nothing, type TemplateResult } from 'lit';
import { formatBytes } from '../model/duration.ts';
import { codeAddress, flagsInWords, hexAddress } from '../model/faultWords.ts';
import { memoryInWords, modesInWords } from '../model/rangeWords.ts';
import { type FaultStaleness } from '../../native-helper/log/openFaults.ts';
import { selectedPage } from '../state/faultAtHand.ts';
import { type TimelineState } from '../state/timelineState.ts';

const staleWords: Readonly<Record<FaultStaleness, string>> = {
  removed:
    'Its page was removed (madvise): nobody needs the old content. Its thread sleeps until it is woken.',
  unmapped: 'Its page was unmapped: there is nothing to resolve. Its thread, once woken, gets a SIGSEGV.',
};

/** The facts of the selected fault, at index `i`. */
export function faultFacts(state: TimelineState, i: number): TemplateResult {
  const { faults } = state.trace;
  const isInferred = faults.isTidInferred(i) === 1;
  const staleness = faults.staleness(i);
  return html`<dl data-testid="fault-facts">
    <dt>Thread</dt>
    <dd>
      ${state.threadName(faults.tid(i))}
      ${
        isInferred
          ? html`<span
              class="muted"
              title="The kernel did not name the thread: THREAD_ID is off. It was matched from the threads asleep."
              >(inferred)</span
            >`
          : nothing
      }
    </dd>
    ${codeFacts(state, i)}
    <dt>Address</dt>
    <dd class="code">${hexAddress(faults.address(i))}</dd>
    ${
      faults.isMoved(i) === 1
        ? html`<dt>Moved to</dt>
            <dd class="code">${hexAddress(faults.memoryAddress(i))}</dd>`
        : nothing
    }
    ${
      staleness === null
        ? nothing
        : html`<dt>Stale</dt>
            <dd data-testid="fault-stale">${staleWords[staleness]}</dd>`
    }
    ${placeFacts(state)}
    <dt>Access</dt>
    <dd>${flagsInWords(faults.flags(i))}</dd>
  </dl>`;
}

/** The instruction that raised it, where that is known. */
function codeFacts({ trace, current }: TimelineState, i: number): TemplateResult | typeof nothing {
  const address = codeAddress(trace.faults, i);
  if (address === null || current === null) {
    return nothing;
  }
  const source = current.code(address)?.source ?? null;
  return html`<dt>Code</dt>
    <dd data-testid="fault-code">
      <span class="code" title=${address}>${current.codeName(address)}</span>
      ${source === null ? nothing : html`<span class="muted">${source.path}:${source.line}</span>`}
    </dd>`;
}

function placeFacts(state: TimelineState): TemplateResult {
  const page = selectedPage(state);
  if (page === undefined) {
    return html`<dt>Range</dt>
      <dd>Not in a range that is registered now</dd>`;
  }
  const { range } = page;
  return html`<dt>Page</dt>
    <dd>
      <span class="code">${hexAddress(page.page)}</span>
      <span class="muted">${formatBytes(range.pageBytes)}</span>
    </dd>
    <dt>Range</dt>
    <dd>
      <span class="code">${range.start}</span> + ${formatBytes(range.lengthBytes)}, ${modesInWords(range)}
    </dd>
    <dt>Memory</dt>
    <dd>${memoryInWords(range)}</dd>`;
}
