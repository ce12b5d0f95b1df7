/** The ledger's header: a button per column that sorts by it. */
import { html, type TemplateResult } from 'lit';
import { ledgerColumns, type LedgerColumnId } from '../model/ledgerColumns.ts';
import { type LedgerSort } from '../model/ledgerListing.ts';

/** One tab stop: the arrow keys move within. */
export function ledgerHead(sort: LedgerSort, sortBy: (column: LedgerColumnId) => void): TemplateResult {
  return html`<div class="head" role="row" aria-rowindex="1" @keydown=${onKey}>
    ${ledgerColumns.map(({ id, title, meaning, isNumber }, n) => {
      const isSorted = sort.column === id;
      const direction = sort.isDescending ? 'descending' : 'ascending';
      return html`<div
        role="columnheader"
        aria-colindex=${n + 1}
        aria-sort=${isSorted ? direction : 'none'}
        class=${isNumber ? 'number' : ''}
      >
        <button
          data-testid="ledger-sort-${id}"
          title="${meaning}. Sort"
          tabindex=${isSorted ? 0 : -1}
          @click=${() => sortBy(id)}
        >
          ${title}<span aria-hidden="true">${isSorted ? (sort.isDescending ? ' ▼' : ' ▲') : ''}</span>
        </button>
      </div>`;
    })}
  </div>`;
}

function onKey(event: KeyboardEvent): void {
  const head = event.currentTarget as HTMLElement;
  const buttons = [...head.querySelectorAll('button')];
  const at = buttons.findIndex((button) => button === event.target);
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: buttons.length - 1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    buttons.at(to % buttons.length)?.focus();
  } else if (event.key === 'ArrowDown') {
    event.preventDefault();
    head.closest<HTMLElement>('[role=grid]')?.focus();
  }
}
