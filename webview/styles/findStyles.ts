/** Styles of the find widget: those of VS Code's own. It lies over the chart's axis, below the minimap. */
import { css, unsafeCSS } from 'lit';
import { minimapHeightPx } from './minimapStyles.ts';

const belowMinimap = unsafeCSS(`${minimapHeightPx}px`);

export const findStyles = css`
  :host {
    position: relative;
    z-index: 3;
    flex: none;
    height: 0;
  }
  .widget {
    position: absolute;
    top: ${belowMinimap};
    right: 18px;
    display: flex;
    align-items: center;
    gap: 3px;
    max-width: calc(100% - 36px);
    height: 34px;
    padding: 0 4px 0 9px;
    color: var(--vscode-editorWidget-foreground, var(--vscode-foreground));
    background: var(--vscode-editorWidget-background, var(--vscode-editor-background));
    border: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, transparent));
    border-top: none;
    border-radius: 0 0 4px 4px;
    box-shadow: 0 0 8px 2px var(--vscode-widget-shadow, transparent);
  }
  input {
    flex: 0 1 220px;
    min-width: 60px;
    height: 25px;
    padding: 3px 6px;
    font: inherit;
    color: var(--vscode-input-foreground);
    background: var(--vscode-input-background);
    border: 1px solid var(--vscode-input-border, var(--vscode-contrastBorder, transparent));
    border-radius: 2px;
  }
  input::placeholder {
    color: var(--vscode-input-placeholderForeground);
  }
  input:focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: -1px;
  }
  .count {
    min-width: 69px;
    padding: 0 4px;
    overflow: hidden;
    font-variant-numeric: tabular-nums;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .count.none {
    color: var(--vscode-errorForeground);
  }
  button {
    display: inline-flex;
    flex: none;
    align-items: center;
    justify-content: center;
    width: 22px;
    height: 22px;
    padding: 0;
    color: inherit;
    cursor: pointer;
    background: none;
    border: none;
    border-radius: 5px;
  }
  button:hover {
    background: var(--vscode-toolbar-hoverBackground);
    outline: 1px dashed var(--vscode-toolbar-hoverOutline, transparent);
    outline-offset: -1px;
  }
  button:focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: -1px;
  }
  button[aria-disabled='true'] {
    cursor: default;
    background: none;
    opacity: 0.4;
  }
`;
