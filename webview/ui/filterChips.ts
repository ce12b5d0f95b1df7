/** `<uffd-filter-chips>`: what is filtered, each part removable, and how many faults are left. */
import '@vscode-elements/elements/dist/vscode-icon/index.js';
import { css, html, nothing, type TemplateResult } from 'lit';
import { everyFault, type FaultFilter } from '../model/faultFilter.ts';
import { type FilterChip, filterChips } from '../model/filterWords.ts';
import { sharedStyles } from '../styles/sharedStyles.ts';
import { StateElement } from './stateElement.ts';

export class FilterChips extends StateElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        display: block;
      }
      .bar {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 6px;
        padding: 4px 12px;
        border-bottom: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
      }
      .bar > vscode-icon {
        flex: none;
      }
      ul,
      li {
        display: contents;
        list-style: none;
      }
      button {
        display: inline-flex;
        align-items: center;
        gap: 4px;
        max-width: 320px;
        height: 22px;
        padding: 0 4px 0 8px;
        font: inherit;
        font-size: 0.92em;
        color: var(--vscode-badge-foreground, var(--vscode-foreground));
        cursor: pointer;
        background: var(--vscode-badge-background, transparent);
        border: 1px solid var(--vscode-contrastBorder, transparent);
        border-radius: 11px;
      }
      button.all {
        padding: 0 8px;
        color: var(--vscode-textLink-foreground, var(--vscode-foreground));
        background: none;
      }
      button:hover {
        outline: 1px solid var(--vscode-focusBorder);
      }
      button vscode-icon {
        --vscode-icon-foreground: currentColor;
        flex: none;
      }
      button > span {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .count {
        margin-left: auto;
        white-space: nowrap;
      }
    `,
  ];
  protected override readonly ignored = [
    'window',
    'selection',
    'form',
    'results',
    'preflight',
    'preview',
  ] as const;
  protected override readonly showsFiltered = true;

  override render(): TemplateResult {
    const { filter, current, threadName, trace } = this.state;
    const chips = filterChips(filter, threadName, current?.startNs ?? 0);
    if (chips.length === 0) {
      return html``;
    }
    const all = trace.faults.count;
    const count = current?.shown?.count ?? all;
    return html`<div class="bar" role="group" aria-label="Filter" data-testid="filter-chips">
      <vscode-icon name="filter" size="14"></vscode-icon>
      <ul>
        ${chips.map((chip) => html`<li>${this.chip(chip)}</li>`)}
      </ul>
      ${
        chips.length > 1
          ? html`<button class="all" data-testid="clear-filter" @click=${() => this.leaveOut(everyFault)}>
              Clear all (U)
            </button>`
          : nothing
      }
      <span class="count muted" data-testid="filter-count" role="status"
        >${inGroups(count)} of ${inGroups(all)} faults</span
      >
    </div>`;
  }

  private chip({ part, text, without }: FilterChip): TemplateResult {
    return html`<button
      data-testid=${`chip-${part}`}
      title="Remove this part of the filter (U removes all)"
      aria-label=${`Filter: ${text}. Remove`}
      @click=${() => this.leaveOut(without)}
    >
      <span>${text}</span><vscode-icon name="close" size="14"></vscode-icon>
    </button>`;
  }

  private leaveOut(without: Partial<FaultFilter>): void {
    this.state.setFilter(without);
    this.leaveToChart();
  }
}

function inGroups(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

customElements.define('uffd-filter-chips', FilterChips);
