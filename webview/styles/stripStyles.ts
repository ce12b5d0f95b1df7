/** Styles of the live strip: one row where it is wide, stacked where it is narrow or dragged to a side bar. */
import { css } from 'lit';

export const stripStyles = css`
  :host {
    container-type: inline-size;
    display: block;
    height: 100%;
    overflow: hidden;
    background: var(--vscode-panel-background, var(--vscode-editor-background));
  }
  .strip {
    display: grid;
    grid-template: auto minmax(0, 1fr) / minmax(0, 1fr) minmax(280px, 36%);
    height: 100%;
  }
  header {
    grid-column: 1 / -1;
    display: flex;
    gap: 4px 12px;
    align-items: center;
    padding: 4px 12px;
    overflow: hidden;
    white-space: nowrap;
  }
  header b {
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .counts {
    color: var(--vscode-descriptionForeground);
    font-variant-numeric: tabular-nums;
  }
  header .link {
    margin-left: auto;
  }
  button.icon {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    flex: none;
    width: 22px;
    height: 22px;
    padding: 0;
    color: inherit;
    cursor: pointer;
    background: none;
    border: 1px solid var(--vscode-contrastBorder, transparent);
    border-radius: 5px;
  }
  button.icon[hidden] {
    display: none;
  }
  button.icon:hover {
    background: var(--vscode-toolbar-hoverBackground);
  }
  .sparkline {
    position: relative;
    min-height: 60px;
  }
  canvas {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
  }
  .last {
    display: flex;
    flex-direction: column;
    min-height: 0;
    overflow: auto;
    border-left: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
  }
  .last h3,
  .last p {
    padding: 2px 12px;
  }
  ul {
    margin: 0;
    padding: 0;
    list-style: none;
  }
  li > button {
    display: grid;
    grid-template-columns: 7ch minmax(6ch, 1fr) minmax(8ch, 1.4fr) 9ch;
    gap: 10px;
    width: 100%;
    height: 22px;
    padding: 0 12px;
    font: inherit;
    line-height: 20px;
    color: inherit;
    text-align: left;
    cursor: pointer;
    background: none;
    border: 1px solid transparent;
  }
  li > button > span {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  li > button:hover {
    background: var(--vscode-list-hoverBackground);
    border-color: var(--vscode-contrastActiveBorder, transparent);
  }
  .number,
  .latency {
    text-align: right;
    font-variant-numeric: tabular-nums;
  }
  .welcome {
    display: flex;
    flex-direction: column;
    gap: 12px;
    align-items: flex-start;
    padding: 12px 20px;
  }
  .buttons {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .welcome button {
    height: 28px;
    padding: 0 14px;
    font: inherit;
    color: var(--vscode-button-foreground);
    cursor: pointer;
    background: var(--vscode-button-background);
    border: 1px solid var(--vscode-button-border, var(--vscode-contrastBorder, transparent));
    border-radius: 3px;
  }
  .welcome button:hover {
    background: var(--vscode-button-hoverBackground);
  }
  .welcome button.secondary {
    color: var(--vscode-button-secondaryForeground);
    background: var(--vscode-button-secondaryBackground);
  }
  @container (width < 560px) {
    .strip {
      grid-template: auto minmax(90px, 1fr) minmax(60px, 1fr) / 1fr;
    }
    .last {
      border-left: none;
      border-top: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
    }
    header {
      flex-wrap: wrap;
    }
  }
`;
