/** The life of a fault: its moments with the time between them, and its rows of the event log. */
import { html, type TemplateResult } from 'lit';
import { formatDuration, formatMoment } from '../model/duration.ts';
import { endOpen } from '../model/faultTable.ts';
import { phaseWords, rowInWords } from '../model/faultWords.ts';
import { type Trace } from '../model/trace.ts';

/** Raised, read, resolved and over, each with the time since the one before. */
export function faultLife({ faults }: Trace, i: number): TemplateResult {
  const phase = faults.phase(i);
  const last = faults.end(i) === endOpen ? 'Woken' : phaseWords[phase];
  const steps = [
    ['Raised', faults.raisedNs(i)],
    ['Read', faults.readNs(i)],
    ['Resolved', faults.resolvedNs(i)],
    [last, faults.endNs(i)],
  ] as const;
  const isBeforeAttach = faults.isBeforeAttach(i);
  let beforeNs = NaN;
  return html`<section>
    <h3>Life</h3>
    <div class="life" data-testid="fault-life">
      ${steps.map(([name, timeNs]) => {
        const gapNs = timeNs - beforeNs;
        const isUnknown = isBeforeAttach && name === 'Raised';
        beforeNs = Number.isNaN(timeNs) || isUnknown ? beforeNs : timeNs;
        return html`<span class="muted">${name}</span>
          <span class="gap">${Number.isNaN(gapNs) ? '' : `+${formatDuration(gapNs)}`}</span>
          <span class="muted"
            >${isUnknown ? 'before attach' : Number.isNaN(timeNs) ? '–' : formatMoment(timeNs)}</span
          >`;
      })}
    </div>
  </section>`;
}

export function faultLog(trace: Trace, i: number): TemplateResult {
  const { faults } = trace;
  const raisedNs = faults.raisedNs(i);
  const sign = faults.isBeforeAttach(i) ? '≥ ' : '+';
  return html`<section>
    <h3>Event log of this fault</h3>
    <ol data-testid="fault-rows">
      ${trace.rowsOf(i).map(
        (row) =>
          html`<li
            data-kind=${row.kind}
            title=${`${row.sequence === null ? '' : `Row ${row.sequence}, `}${formatMoment(row.timeNs)}`}
          >
            <span class="when muted">${sign}${formatDuration(row.timeNs - raisedNs)}</span>
            <span class=${row.errno === 0 ? '' : 'error'}>${rowInWords(row)}</span>
          </li>`,
      )}
    </ol>
  </section>`;
}
