/** Styles of the headers of sessions in the chart. */
import { css, unsafeCSS } from 'lit';
import { sessionHeaderPx } from '../model/chartLayout.ts';
import { chartColours } from '../model/sessionColours.ts';
import { axisPx } from '../render/chartFrame.ts';

const px = (length: number) => unsafeCSS(`${length}px`);

/** `--session-colour` for elements with `data-colour`. */
export const sessionColourStyles = css`
  ${unsafeCSS(
    chartColours
      .map((name, n) => `[data-colour='${n}'] { --session-colour: var(--vscode-charts-${name}); }`)
      .join('\n'),
  )}
  .number {
    flex: none;
    min-width: 18px;
    padding: 0 5px;
    line-height: 16px;
    font-size: 0.85em;
    font-weight: 600;
    text-align: center;
    border: 1.5px solid var(--session-colour);
    border-radius: 9px;
  }
`;

export const sessionHeadersStyles = css`
  ${sessionColourStyles}
  :host {
    position: absolute;
    inset: ${px(axisPx)} 0 0 0;
    overflow: hidden;
    pointer-events: none;
  }
  .header {
    position: absolute;
    left: 0;
    right: 0;
    display: flex;
    align-items: center;
    height: ${px(sessionHeaderPx)};
    padding-right: 14px;
    color: var(--vscode-sideBarSectionHeader-foreground, var(--vscode-foreground));
    background: var(--vscode-sideBar-background, var(--vscode-editor-background));
    border: solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
    border-width: 1px 0;
    pointer-events: auto;
  }
  .header::before {
    content: '';
    align-self: stretch;
    flex: none;
    width: 4px;
    background: var(--session-colour);
  }
  .header[hidden] {
    display: none;
  }
  .header[aria-current='true'] {
    color: var(--vscode-list-inactiveSelectionForeground, var(--vscode-foreground));
    background: var(--vscode-list-inactiveSelectionBackground, var(--vscode-sideBar-background));
    outline: 2px solid var(--vscode-contrastActiveBorder, transparent);
    outline-offset: -2px;
  }
  button {
    display: flex;
    align-items: center;
    height: 22px;
    padding: 0;
    font: inherit;
    color: inherit;
    cursor: pointer;
    background: none;
    border: none;
    border-radius: 4px;
  }
  .icon {
    flex: none;
    justify-content: center;
    width: 22px;
  }
  .icon:hover {
    background: var(--vscode-toolbar-hoverBackground);
    outline: 1px dashed var(--vscode-toolbar-hoverOutline, transparent);
  }
  .name {
    flex: 1;
    gap: 8px;
    min-width: 0;
    padding: 0 4px 0 2px;
    overflow: hidden;
    white-space: nowrap;
  }
  .name > * {
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .name > .number,
  .name > .state {
    flex: none;
  }
  .tag {
    padding: 0 6px;
    font-size: 0.85em;
    line-height: 16px;
    border: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, currentColor));
    border-radius: 3px;
  }
  .state {
    display: flex;
    align-items: center;
    gap: 4px;
    margin-left: auto;
  }
  .held {
    --vscode-icon-foreground: var(--vscode-errorForeground);
  }
`;
