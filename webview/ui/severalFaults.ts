/** What is known of several selected faults together. */
import { html, type TemplateResult } from 'lit';
import { endOpen } from '../model/faultTable.ts';
import { hexAddress } from '../model/faultWords.ts';
import { type TimelineState } from '../state/timelineState.ts';

export function severalFaults({ selectedIds, trace, threadName }: TimelineState): TemplateResult {
  const { faults } = trace;
  const indexes = selectedIds.map((id) => faults.indexOf(id)).filter((i) => i !== -1);
  const tids = new Set(indexes.map((i) => faults.tid(i)));
  const open = indexes.filter((i) => faults.end(i) === endOpen);
  const held = open.filter((i) => faults.isHeld(i)).length;
  const asleep = open.filter((i) => !Number.isNaN(faults.resolvedNs(i))).length;
  const states = [
    [held, 'held'],
    [asleep, 'resolved, not woken'],
    [open.length - held - asleep, 'waiting to be read'],
    [indexes.length - open.length, 'over'],
  ] as const;
  const addresses = indexes.map((i) => faults.memoryAddress(i));
  const edge = (isBefore: (a: bigint, b: bigint) => boolean): string =>
    addresses.length === 0 ? '–' : hexAddress(addresses.reduce((a, b) => (isBefore(b, a) ? b : a)));
  return html`<section>
    <header>
      <h2 data-testid="fault-title">${indexes.length} faults selected</h2>
    </header>
    <dl data-testid="several-facts">
      <dt>State</dt>
      <dd>
        ${states
          .filter(([count]) => count > 0)
          .map(([count, words]) => `${count} ${words}`)
          .join(', ')}
      </dd>
      <dt>Threads</dt>
      <dd>${tids.size === 1 ? threadName([...tids][0]!) : `${tids.size} threads`}</dd>
      <dt>Addresses</dt>
      <dd class="code">${edge((a, b) => a < b)} … ${edge((a, b) => a > b)}</dd>
    </dl>
  </section>`;
}
