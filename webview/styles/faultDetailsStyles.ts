/** Styles of the details pane. */
import { css } from 'lit';

export const faultDetailsStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    gap: 16px;
    padding: 12px 14px 20px;
    overflow-x: hidden;
    overflow-y: auto;
    scrollbar-color: var(--vscode-scrollbarSlider-background) transparent;
    scrollbar-width: thin;
  }
  section {
    display: flex;
    flex-direction: column;
    gap: 7px;
  }
  header {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 8px;
  }
  .phase {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    padding: 1px 9px 1px 6px;
    white-space: nowrap;
    border: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, currentColor));
    border-radius: 10px;
  }
  .phase.held {
    border-color: var(--vscode-errorForeground);
    --vscode-icon-foreground: var(--vscode-errorForeground);
  }
  .phase.asleep,
  .phase.waiting {
    border-color: var(--vscode-charts-yellow);
  }
  .age {
    margin-left: auto;
    font-weight: 600;
    font-variant-numeric: tabular-nums;
  }
  .life {
    display: grid;
    grid-template-columns: max-content max-content 1fr;
    gap: 3px 12px;
    font-variant-numeric: tabular-nums;
  }
  .life .gap {
    text-align: right;
  }
  ol {
    display: flex;
    flex-direction: column;
    gap: 5px;
    margin: 0;
    padding: 0;
    list-style: none;
  }
  ol li {
    display: grid;
    grid-template-columns: minmax(56px, 76px) 1fr;
    gap: 10px;
    overflow-wrap: anywhere;
  }
  ol .when {
    text-align: right;
    white-space: nowrap;
    font-variant-numeric: tabular-nums;
  }
`;
