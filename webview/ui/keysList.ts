/** `<uffd-keys-list>`: the keys of the page and the signs of the chart. */
import '@vscode-elements/elements/dist/vscode-icon/index.js';
import { css, html, LitElement, type TemplateResult } from 'lit';
import { commandEntries, gesturesInWords, keyLabels, type WheelMode } from '../input/keys.ts';
import { type CommandGroup, commandGroups } from '../viewCommands.ts';
import { sharedStyles } from '../styles/sharedStyles.ts';
import { paintLegend, legendHeightPx, legendWidthPx, legendWords } from '../render/legendPainter.ts';

export class KeysList extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        display: block;
        padding: 10px 16px 16px;
        overflow-y: auto;
        color: var(--vscode-editorWidget-foreground, var(--vscode-foreground));
        background: var(--vscode-editorWidget-background);
        border: 1px solid var(--vscode-editorWidget-border, var(--vscode-contrastBorder, transparent));
        border-radius: 6px;
        box-shadow: 0 2px 10px var(--vscode-widget-shadow, transparent);
      }
      header {
        display: flex;
        align-items: center;
        justify-content: space-between;
      }
      .columns {
        columns: 3 300px;
        gap: 36px;
        margin-top: 8px;
      }
      section {
        margin-bottom: 16px;
        break-inside: avoid-column;
      }
      h3 {
        margin-bottom: 6px;
      }
      dl {
        grid-template-columns: minmax(88px, max-content) minmax(52%, 1fr);
        align-items: center;
        gap: 4px 12px;
      }
      dt {
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
      }
      kbd {
        padding: 0 6px;
        font-family: inherit;
        font-size: 0.9em;
        white-space: nowrap;
        color: var(--vscode-keybindingLabel-foreground);
        background: var(--vscode-keybindingLabel-background);
        border: 1px solid var(--vscode-keybindingLabel-border, var(--vscode-contrastBorder, transparent));
        border-radius: 3px;
      }
      canvas {
        display: block;
        margin-bottom: 2px;
      }
      .signs {
        grid-template-columns: 1fr;
        gap: 4px;
      }
      .signs > div {
        display: grid;
        grid-template-columns: ${legendWidthPx}px 1fr;
        align-items: center;
        gap: 12px;
      }
    `,
  ];

  static override properties = { wheel: { attribute: false } };
  /** What the wheel does. */
  declare wheel: WheelMode;

  constructor() {
    super();
    this.wheel = 'modern';
  }

  override render(): TemplateResult {
    return html`
      <header>
        <h2>Keys and signs</h2>
        <vscode-icon
          action-icon
          name="close"
          label="Close"
          title="Close (Escape)"
          @click=${() => this.dispatchEvent(new Event('close'))}
        ></vscode-icon>
      </header>
      <div class="columns">
        ${(Object.keys(commandGroups) as CommandGroup[]).map((group) => this.group(group))}
        <section>
          <h3>Pointer and more</h3>
          <dl>${gesturesInWords(this.wheel).map(({ keys, does }) => row(keys, does))}</dl>
        </section>
        <section>
          <h3>Signs</h3>
          <div class="signs" role="list">
            ${legendWords.map(
              (words) =>
                html`<div role="listitem"><canvas aria-hidden="true"></canvas><span>${words}</span></div>`,
            )}
          </div>
        </section>
      </div>
    `;
  }

  private group(group: CommandGroup): TemplateResult {
    const entries = commandEntries.filter(
      ([, entry]) => entry.group === group && keyLabels(entry).length > 0,
    );
    return html`<section>
      <h3>${commandGroups[group]}</h3>
      <dl>${entries.map(([, entry]) => row(keyLabels(entry), entry.title))}</dl>
    </section>`;
  }

  override firstUpdated(): void {
    this.renderRoot.querySelectorAll('canvas').forEach((canvas, n) => {
      canvas.width = legendWidthPx * devicePixelRatio;
      canvas.height = legendHeightPx * devicePixelRatio;
      canvas.style.width = `${legendWidthPx}px`;
      canvas.style.height = `${legendHeightPx}px`;
      paintLegend(canvas, n, this);
    });
  }
}

function row(keys: readonly string[], does: string): TemplateResult {
  return html`<dt>${keys.map((key) => html`<kbd>${key}</kbd>`)}</dt>
    <dd>${does}</dd>`;
}

customElements.define('uffd-keys-list', KeysList);
