/** Styles of the time selection and the marks over the chart. */
import { css } from 'lit';

export const timeMarksStyles = css`
  :host {
    position: absolute;
    inset: 0;
    overflow: hidden;
    pointer-events: none;
  }
  [hidden] {
    display: none !important;
  }
  .band {
    position: absolute;
    top: 0;
    bottom: 0;
    border: 0 solid var(--vscode-descriptionForeground);
  }
  .band.begins {
    border-left-width: 1px;
  }
  .band.ends {
    border-right-width: 1px;
  }
  .band.mark {
    border-style: dashed;
    background: color-mix(in srgb, var(--vscode-descriptionForeground) 7%, transparent);
  }
  .band.selection {
    border-color: var(--vscode-focusBorder);
    background: color-mix(in srgb, var(--vscode-focusBorder) 12%, transparent);
  }
  :host-context(body.vscode-high-contrast) .band,
  :host-context(body.vscode-high-contrast-light) .band {
    background: none;
    border-color: var(--vscode-contrastActiveBorder, var(--vscode-focusBorder));
  }
  .edge {
    z-index: 1;
    position: absolute;
    top: 0;
    width: 11px;
    height: 36px;
    margin-left: -5.5px;
    cursor: ew-resize;
    pointer-events: auto;
    touch-action: none;
  }
  .edge::after {
    content: '';
    position: absolute;
    bottom: 0;
    left: 2px;
    width: 7px;
    height: 14px;
    background: var(--vscode-focusBorder);
    border: 1px solid var(--vscode-editor-background);
    border-radius: 3px;
  }
  .edge:focus-visible {
    outline: none;
  }
  .edge:focus-visible::after {
    outline: 2px solid var(--vscode-focusBorder);
    outline-offset: 1px;
  }
  .label,
  .flag {
    position: absolute;
    top: 2px;
    display: inline-flex;
    align-items: center;
    height: 20px;
    font: inherit;
    font-size: 0.92em;
    white-space: nowrap;
    pointer-events: auto;
    border-radius: 3px;
  }
  .label {
    gap: 2px;
    padding: 0 2px 0 8px;
    color: var(--vscode-editorHoverWidget-foreground, var(--vscode-foreground));
    background: var(--vscode-editorHoverWidget-background);
    border: 1px solid var(--vscode-focusBorder);
  }
  .label span,
  .flag span {
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .label span {
    margin-right: 4px;
    font-variant-numeric: tabular-nums;
  }
  .label button {
    display: grid;
    flex: none;
    place-content: center;
    width: 18px;
    height: 18px;
    padding: 0;
    color: inherit;
    background: none;
    border: none;
    border-radius: 3px;
    cursor: pointer;
  }
  .label button:hover {
    background: var(--vscode-toolbar-hoverBackground);
    outline: 1px dashed var(--vscode-toolbar-hoverOutline, transparent);
  }
  .flag {
    top: 18px;
    height: 17px;
    font-size: 0.85em;
    gap: 3px;
    max-width: 160px;
    padding: 0 6px 0 3px;
    color: var(--vscode-badge-foreground);
    background: var(--vscode-badge-background);
    border: 1px solid var(--vscode-contrastBorder, transparent);
    --vscode-icon-foreground: currentColor;
    cursor: pointer;
  }
  .flag.temporary {
    color: var(--vscode-descriptionForeground);
    background: var(--vscode-editor-background);
    border: 1px dashed currentColor;
  }
  input.flag {
    width: 140px;
    padding: 0 6px;
    color: var(--vscode-input-foreground);
    background: var(--vscode-input-background);
    border: 1px solid var(--vscode-focusBorder);
    outline: none;
    cursor: text;
  }
`;
