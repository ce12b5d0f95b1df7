/** Styles of the minimap; what it shows is painted with the palette. */
import { css } from 'lit';

export const minimapHeightPx = 44;

export const minimapStyles = css`
  :host {
    position: relative;
    display: block;
    flex: none;
    height: 44px;
    border-bottom: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
  }
  canvas {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
  }
  .brush {
    position: absolute;
    top: 0;
    right: 0;
    bottom: 0;
    cursor: crosshair;
    touch-action: none;
  }
  .brush[data-grip='move'] {
    cursor: grab;
  }
  .brush[data-grip='move']:active {
    cursor: grabbing;
  }
  .brush[data-grip='start'],
  .brush[data-grip='end'] {
    cursor: ew-resize;
  }
  .brush:focus {
    outline: none;
  }
  .brush:focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: -1px;
  }
  .title {
    position: absolute;
    top: 50%;
    left: 12px;
    transform: translateY(-50%);
    font-size: 0.92em;
    pointer-events: none;
  }
`;
