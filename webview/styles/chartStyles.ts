/** Styles of the chart's element; what the canvases show is painted with the palette. */
import { css, unsafeCSS } from 'lit';
import { axisPx } from '../render/chartFrame.ts';

const axis = unsafeCSS(`${axisPx}px`);

export const chartStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    overflow: hidden;
    min-width: 0;
    min-height: 0;
  }
  .area {
    position: relative;
    flex: 1;
    min-height: 0;
    overflow: hidden;
  }
  .chart {
    position: absolute;
    inset: 0;
    cursor: default;
    touch-action: none;
  }
  .chart.pan {
    cursor: grabbing;
  }
  .chart.box {
    cursor: crosshair;
  }
  .chart.time {
    cursor: ew-resize;
  }
  .chart:focus {
    outline: none;
  }
  .chart:focus-visible::after {
    content: '';
    position: absolute;
    inset: 0;
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: -1px;
    pointer-events: none;
  }
  canvas {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
  }
  .scroller {
    position: absolute;
    top: ${axis};
    right: 0;
    bottom: 0;
    width: 12px;
    overflow-x: hidden;
    overflow-y: auto;
    scrollbar-color: var(--vscode-scrollbarSlider-background) transparent;
    scrollbar-width: thin;
  }
  .scroller[hidden] {
    display: none;
  }
  .tooltip {
    position: absolute;
    top: 0;
    left: 0;
    z-index: 1;
    max-width: 340px;
    padding: 6px 10px;
    pointer-events: none;
    color: var(--vscode-editorHoverWidget-foreground, var(--vscode-foreground));
    background: var(--vscode-editorHoverWidget-background);
    border: 1px solid var(--vscode-editorHoverWidget-border, var(--vscode-contrastBorder));
    border-radius: 4px;
    box-shadow: 0 2px 8px var(--vscode-widget-shadow, transparent);
  }
  .tooltip.pinned {
    z-index: 2;
    pointer-events: auto;
    user-select: text;
    cursor: text;
    border-color: var(--vscode-focusBorder);
  }
  .tooltip.pinned {
    padding-right: 30px;
  }
  .tooltip.pinned button {
    position: absolute;
    top: 4px;
    right: 4px;
    display: grid;
    place-content: center;
    width: 20px;
    height: 20px;
    padding: 0;
    color: inherit;
    background: none;
    border: none;
    border-radius: 3px;
    cursor: pointer;
  }
  .tooltip.pinned button:hover {
    background: var(--vscode-toolbar-hoverBackground);
  }
  uffd-jump-to-now {
    position: absolute;
    right: 20px;
    bottom: 12px;
    z-index: 1;
  }
  .tooltip[hidden] {
    display: none;
  }
  .tooltip b {
    font-weight: 600;
  }
  .note {
    position: absolute;
    inset: ${axis} 0 0 0;
    display: grid;
    place-content: center;
    padding: 0 24px;
    text-align: center;
    pointer-events: none;
  }
`;
