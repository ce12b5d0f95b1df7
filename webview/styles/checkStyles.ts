/** Styles of a check box with its label, as VS Code's own. */
import { css } from 'lit';

export const checkStyles = css`
  input[type='checkbox'] {
    appearance: none;
    flex: none;
    width: 18px;
    height: 18px;
    margin: 0;
    background: var(--vscode-checkbox-background);
    border: 1px solid var(--vscode-checkbox-border);
    border-radius: 3px;
  }
  input[type='checkbox']:checked::before {
    content: '';
    display: block;
    width: 100%;
    height: 100%;
    background: var(--vscode-checkbox-foreground);
    clip-path: polygon(14% 50%, 24% 40%, 42% 58%, 77% 20%, 88% 30%, 42% 78%);
  }
  .check {
    display: flex;
    align-items: center;
    gap: 8px;
    color: var(--vscode-foreground);
  }
  input[type='checkbox']:focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: 1px;
  }
`;
