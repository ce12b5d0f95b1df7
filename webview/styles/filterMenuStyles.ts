/** Styles of the filter's menu: those of VS Code's widgets over an editor. */
import { css } from 'lit';

export const filterMenuStyles = css`
  .menu {
    display: flex;
    flex-direction: column;
    gap: 10px;
    width: 260px;
    max-width: 100%;
    padding: 10px 12px;
    color: var(--vscode-editorWidget-foreground, var(--vscode-foreground));
    background: var(--vscode-editorWidget-background, var(--vscode-editor-background));
    border: 1px solid var(--vscode-editorWidget-border, var(--vscode-contrastBorder, transparent));
    border-radius: 6px;
    box-shadow: 0 2px 10px var(--vscode-widget-shadow, transparent);
  }
  .menu:focus {
    outline: none;
  }
  fieldset {
    min-width: 0;
    margin: 0;
    padding: 0;
    border: none;
  }
  legend {
    margin-bottom: 4px;
    padding: 0;
    font-weight: 600;
  }
  .check {
    padding: 2px;
    border-radius: 3px;
    cursor: pointer;
  }
  .check:hover {
    background: var(--vscode-list-hoverBackground);
    outline: 1px dashed var(--vscode-contrastActiveBorder, transparent);
    outline-offset: -1px;
  }
  .check span {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .threads {
    max-height: min(220px, 34vh);
    overflow-y: auto;
  }
  input[type='search'],
  select {
    height: 24px;
    padding: 2px 6px;
    font: inherit;
    border-radius: 3px;
  }
  input[type='search'] {
    width: 100%;
    margin-bottom: 4px;
    color: var(--vscode-input-foreground);
    background: var(--vscode-input-background);
    border: 1px solid var(--vscode-input-border, var(--vscode-contrastBorder, transparent));
  }
  input[type='search']::placeholder {
    color: var(--vscode-input-placeholderForeground);
  }
  select {
    color: var(--vscode-dropdown-foreground);
    background: var(--vscode-dropdown-background);
    border: 1px solid var(--vscode-dropdown-border, var(--vscode-contrastBorder, transparent));
  }
  input[type='search']:focus-visible,
  select:focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: -1px;
  }
  .last {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 8px;
  }
`;
