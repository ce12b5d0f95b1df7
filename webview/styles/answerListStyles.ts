/** Styles of the list of answers: a bar of colour and an icon say how each ended. */
import { css } from 'lit';

export const answerListStyles = css`
  :host {
    display: block;
  }
  h3 {
    margin-bottom: 7px;
  }
  ul {
    display: flex;
    flex-direction: column;
    gap: 6px;
    margin: 0;
    padding: 0;
    list-style: none;
  }
  li:not(.more) {
    display: grid;
    grid-template-columns: 16px 1fr;
    gap: 2px 8px;
    padding: 7px 10px;
    border: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
    border-left: 3px solid var(--vscode-charts-green);
    border-radius: 3px;
    overflow-wrap: anywhere;
  }
  li.failed {
    border-left-color: var(--vscode-errorForeground);
  }
  li > div {
    grid-column: 2;
    font-size: 0.92em;
  }
  vscode-icon {
    margin-top: 1px;
    --vscode-icon-foreground: var(--vscode-charts-green);
  }
  .failed vscode-icon {
    --vscode-icon-foreground: var(--vscode-errorForeground);
  }
  vscode-button {
    margin-top: 4px;
  }
`;
