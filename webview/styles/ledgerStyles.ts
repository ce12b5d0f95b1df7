/** Styles of the ledger: VS Code's lists, as a table of fixed columns. */
import { css, unsafeCSS } from 'lit';
import { ledgerRowPx } from '../model/visibleRows.ts';

const row = unsafeCSS(`${ledgerRowPx}px`);
const head = unsafeCSS('26px');

export const ledgerStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-width: 0;
    min-height: 0;
    overflow: hidden;
    font-variant-numeric: tabular-nums;
  }
  .frame {
    position: relative;
    flex: 1;
    min-height: 0;
  }
  .frame:has(.scroller:focus-visible)::after {
    content: '';
    position: absolute;
    inset: 0;
    z-index: 2;
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: -1px;
    pointer-events: none;
  }
  .scroller {
    position: relative;
    height: 100%;
    overflow: auto;
    border-top: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
    scrollbar-color: var(--vscode-scrollbarSlider-background) transparent;
  }
  .scroller:focus {
    outline: none;
  }
  .head,
  .row {
    display: grid;
    grid-template-columns:
      64px 174px 136px 128px 182px 122px 142px 82px 82px 82px 180px
      58px minmax(340px, 1fr);
    width: max-content;
    min-width: 100%;
  }
  .head {
    position: sticky;
    top: 0;
    z-index: 1;
    height: ${head};
    background: var(--vscode-editor-background);
    border-bottom: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
  }
  .head button {
    width: 100%;
    height: 100%;
    padding: 0 8px;
    overflow: hidden;
    font: inherit;
    font-weight: 600;
    text-align: left;
    text-overflow: ellipsis;
    white-space: nowrap;
    color: inherit;
    background: none;
    border: none;
    cursor: pointer;
  }
  .head .number button {
    text-align: right;
  }
  .head button:hover {
    background: var(--vscode-list-hoverBackground, var(--vscode-toolbar-hoverBackground));
  }
  .head button:focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: -1px;
  }
  .size {
    width: max-content;
    min-width: 100%;
  }
  .rows {
    position: sticky;
    top: ${head};
    overflow: hidden;
  }
  .row {
    height: ${row};
    line-height: ${row};
    cursor: default;
  }
  .cell {
    padding: 0 8px;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .number {
    text-align: right;
  }
  .address,
  .range,
  .ioctls {
    font-family: var(--vscode-editor-font-family);
    font-size: 0.92em;
  }
  .row:hover {
    background: var(--vscode-list-hoverBackground, var(--vscode-toolbar-hoverBackground));
    outline: 1px dashed var(--vscode-contrastActiveBorder, transparent);
    outline-offset: -1px;
  }
  .row[aria-selected='true'] {
    color: var(--vscode-list-inactiveSelectionForeground, inherit);
    background: var(--vscode-list-inactiveSelectionBackground);
    outline: 1px dotted var(--vscode-contrastActiveBorder, transparent);
    outline-offset: -1px;
  }
  .scroller:focus .row[aria-selected='true'] {
    color: var(--vscode-list-activeSelectionForeground, inherit);
    background: var(--vscode-list-activeSelectionBackground);
  }
  .row.primary {
    outline: 1px solid
      var(--vscode-contrastActiveBorder, var(--vscode-list-inactiveFocusOutline, transparent));
    outline-offset: -1px;
  }
  .scroller:focus .row.primary {
    outline: 1px solid
      var(
        --vscode-contrastActiveBorder,
        var(--vscode-list-focusAndSelectionOutline, var(--vscode-focusBorder))
      );
    outline-offset: -1px;
  }
  .sign {
    width: 12px;
    height: 12px;
    margin-right: 4px;
    vertical-align: -1px;
    fill: none;
    stroke: var(--vscode-errorForeground);
    stroke-width: 1.3;
  }
  .empty {
    position: sticky;
    left: 0;
    padding: 16px 12px;
  }
`;
