/** Styles of the page's frame: toolbar and banners above, chart and details side by side or stacked. */
import { css } from 'lit';

export const appStyles = css`
  :host {
    container-type: inline-size;
    display: flex;
    flex-direction: column;
    height: 100%;
    overflow: hidden;
    background: var(--vscode-editor-background);
  }
  header {
    flex: none;
  }
  h1 {
    margin: 0;
  }
  uffd-empty-page,
  main {
    flex: 1;
    min-height: 0;
  }
  main {
    position: relative;
    display: grid;
    grid-template: 1fr / 1fr clamp(300px, 32%, 440px);
  }
  .faults {
    display: flex;
    flex-direction: column;
    min-width: 0;
    min-height: 0;
    overflow: hidden;
  }
  .over {
    position: relative;
    display: grid;
    flex: 1 1 0;
    min-height: 100px;
  }
  .told {
    position: absolute;
    bottom: 12px;
    left: 50%;
    z-index: 2;
    max-width: calc(100% - 40px);
    padding: 4px 12px;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    pointer-events: none;
    transform: translateX(-50%);
    color: var(--vscode-editorHoverWidget-foreground, var(--vscode-foreground));
    background: var(--vscode-editorHoverWidget-background);
    border: 1px solid var(--vscode-editorHoverWidget-border, var(--vscode-contrastBorder, transparent));
    border-radius: 13px;
    box-shadow: 0 2px 8px var(--vscode-widget-shadow, transparent);
  }
  .told[hidden] {
    display: none;
  }
  uffd-ledger-splitter {
    flex: none;
  }
  uffd-ledger {
    flex: 0 1 auto;
    min-height: 96px;
  }
  uffd-fault-details {
    min-width: 0;
    min-height: 0;
    background: var(--vscode-sideBar-background, var(--vscode-editor-background));
    border-left: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
  }
  @container (width < 700px) {
    main {
      grid-template: minmax(140px, 2fr) minmax(120px, 3fr) / 1fr;
    }
    uffd-fault-details {
      border-left: none;
      border-top: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
    }
  }
  uffd-keys-list {
    position: absolute;
    z-index: 2;
    top: 12px;
    left: 12px;
    max-width: calc(100% - 24px);
    max-height: calc(100% - 24px);
  }
  .banner {
    display: flex;
    align-items: center;
    gap: 8px;
    padding: 6px 12px;
    border-bottom: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
  }
  .banner.info {
    --vscode-icon-foreground: var(--vscode-charts-blue);
  }
  .banner.error {
    --vscode-icon-foreground: var(--vscode-errorForeground);
  }
`;
