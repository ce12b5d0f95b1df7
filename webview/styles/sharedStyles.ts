/** Styles that several parts of the page use. Colours are the theme's, never our own. */
import { css } from 'lit';

export const sharedStyles = css`
  :host {
    box-sizing: border-box;
    color: var(--vscode-foreground);
    font-family: var(--vscode-font-family);
    font-size: var(--vscode-font-size);
    line-height: 1.4;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  h2,
  h3 {
    margin: 0;
    font-weight: 600;
  }
  h2 {
    font-size: 1.15em;
  }
  h3 {
    font-size: 0.85em;
    letter-spacing: 0.04em;
    text-transform: uppercase;
    color: var(--vscode-descriptionForeground);
  }
  p {
    margin: 0;
  }
  code,
  .code {
    font-family: var(--vscode-editor-font-family);
    font-size: 0.95em;
    overflow-wrap: anywhere;
  }
  .muted {
    color: var(--vscode-descriptionForeground);
  }
  .error {
    color: var(--vscode-errorForeground);
  }
  dl {
    display: grid;
    grid-template-columns: max-content 1fr;
    gap: 4px 12px;
    margin: 0;
  }
  dt {
    color: var(--vscode-descriptionForeground);
  }
  dd {
    margin: 0;
    min-width: 0;
    overflow-wrap: anywhere;
  }
  summary {
    cursor: pointer;
    border-radius: 2px;
  }
  summary > h3 {
    display: inline;
  }
  summary:focus-visible,
  button:focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: 1px;
  }
  button.link,
  .more > button {
    padding: 0;
    font: inherit;
    color: var(--vscode-textLink-foreground, var(--vscode-foreground));
    text-decoration: underline;
    cursor: pointer;
    background: none;
    border: none;
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;
