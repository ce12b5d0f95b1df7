/** `<uffd-empty-page>`: what is shown when nothing has been attached yet. */
import '@vscode-elements/elements/dist/vscode-button/index.js';
import { css, html, type TemplateResult } from 'lit';
import { sharedStyles } from '../styles/sharedStyles.ts';
import { StateElement } from './stateElement.ts';

export class EmptyPage extends StateElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        place-content: center;
        justify-items: center;
        height: 100%;
        padding: 24px;
        text-align: center;
      }
      h2 {
        margin-bottom: 8px;
        font-size: 1.4em;
      }
      p {
        max-width: 52ch;
        margin-bottom: 8px;
      }
      .buttons {
        display: flex;
        flex-wrap: wrap;
        justify-content: center;
        gap: 8px;
        margin-top: 12px;
      }
    `,
  ];

  override render(): TemplateResult {
    return html`
      <h2>No process is attached</h2>
      <p>
        Attach to a process that has a userfaultfd to see every thread that sleeps in a page fault, and to
        resolve those faults by hand.
      </p>
      <p class="muted">No such process at hand? Try it on the demo target.</p>
      <div class="buttons">
        <vscode-button data-testid="attach" icon="debug-disconnect" @click=${() => this.host.askAttach()}
          >Attach to Process…</vscode-button
        >
        <vscode-button data-testid="demo" icon="beaker" secondary @click=${() => this.host.askDemo()}
          >Start Demo Target</vscode-button
        >
        <vscode-button
          data-testid="open-recording"
          icon="folder-opened"
          secondary
          @click=${() => this.host.askRecording()}
          >Open Recording…</vscode-button
        >
      </div>
    `;
  }
}

customElements.define('uffd-empty-page', EmptyPage);
