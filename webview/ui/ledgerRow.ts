/** One row of the ledger. */
import { html, nothing, svg, type TemplateResult } from 'lit';
import { faultFlags } from '../model/faultFlags.ts';
import { ledgerColumns, type LedgerSource } from '../model/ledgerColumns.ts';

/** Id of the element of fault `i`. */
export function rowElementId(i: number): string {
  return `fault-row-${i}`;
}

const flaggedSign = svg`<path d="M6 1 11 11H1Z M6 4.5v3 M6 8.6v1"></path>`;

/** Fault `i`, which is at `place` of the listing. */
export function ledgerRow(
  source: LedgerSource,
  i: number,
  place: number,
  { isSelected, isPrimary }: { readonly isSelected: boolean; readonly isPrimary: boolean },
): TemplateResult {
  const isFlagged = faultFlags(source.faults, i, source.nowNs) !== 0;
  return html`<div
    class="row ${isPrimary ? 'primary' : ''}"
    role="row"
    id=${rowElementId(i)}
    data-place=${place}
    data-fault=${source.faults.id(i)}
    aria-rowindex=${place + 2}
    aria-selected=${isSelected}
  >
    ${ledgerColumns.map((column, n) => {
      const text = column.text(source, i);
      const isSigned = column.id === 'state' && isFlagged;
      return html`<div
        class="cell ${column.id} ${column.isNumber ? 'number' : ''}"
        role="gridcell"
        aria-colindex=${n + 1}
        data-column=${column.id}
        title=${text}
      >
        ${isSigned ? html`<svg class="sign" viewBox="0 0 12 12" aria-hidden="true">${flaggedSign}</svg>` : nothing}${text}
      </div>`;
    })}
  </div>`;
}
