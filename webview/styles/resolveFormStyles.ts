/** Styles of the resolve form: labels in one column, fields in the other. */
import { css } from 'lit';

export const resolveFormStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    gap: 8px;
  }
  form {
    display: grid;
    grid-template-columns: max-content minmax(0, 1fr);
    align-items: center;
    gap: 8px 12px;
  }
  label,
  .label {
    color: var(--vscode-descriptionForeground);
  }
  select,
  input:not([type='checkbox']) {
    width: 100%;
    min-width: 0;
    max-width: 320px;
    height: 26px;
    padding: 3px 6px;
    font: inherit;
    border-radius: 3px;
  }
  input {
    color: var(--vscode-input-foreground);
    background: var(--vscode-input-background);
    border: 1px solid var(--vscode-input-border, var(--vscode-input-background));
  }
  input::placeholder {
    color: var(--vscode-input-placeholderForeground);
  }
  input[aria-invalid='true'] {
    border-color: var(--vscode-inputValidation-errorBorder);
  }
  select {
    color: var(--vscode-dropdown-foreground);
    background: var(--vscode-dropdown-background);
    border: 1px solid var(--vscode-dropdown-border);
  }
  select:focus,
  input:focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: -1px;
  }
  input:disabled {
    opacity: 0.5;
  }
  .choose {
    flex: none;
    padding: 3px 10px;
    font: inherit;
    color: var(--vscode-button-secondaryForeground);
    background: var(--vscode-button-secondaryBackground);
    border: 1px solid var(--vscode-button-border, transparent);
    border-radius: 3px;
    cursor: pointer;
  }
  .choose:hover {
    background: var(--vscode-button-secondaryHoverBackground);
  }
  .label {
    align-self: start;
    padding-top: 4px;
  }
  .file {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 8px;
    min-width: 0;
    overflow-wrap: anywhere;
  }
  .warning {
    display: grid;
    grid-template-columns: 16px 1fr;
    gap: 8px;
    padding: 7px 10px;
    background: var(--vscode-inputValidation-warningBackground, transparent);
    border: 1px solid var(--vscode-inputValidation-warningBorder, var(--vscode-charts-yellow));
    border-radius: 3px;
    --vscode-icon-foreground: var(--vscode-charts-yellow);
  }
  .reasons {
    color: var(--vscode-descriptionForeground);
    font-size: 0.92em;
  }
  .reasons ul {
    margin: 3px 0 0;
    padding-left: 22px;
  }
  .error,
  .reasons,
  .obstacle,
  .check,
  .buttons,
  .hint {
    grid-column: 1 / -1;
  }
  .error {
    margin-top: -3px;
  }
  .buttons {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    margin-top: 2px;
  }
  vscode-button[aria-disabled='true']:not([disabled]) {
    opacity: 0.6;
  }
  .hint {
    min-height: 1.4em;
  }
`;
