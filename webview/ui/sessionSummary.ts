/** `<uffd-session-summary>`: the attached uffd and its ranges, while no fault is selected. */
import { css, html, type TemplateResult } from 'lit';
import { formatBytes } from '../model/duration.ts';
import { sharedStyles } from '../styles/sharedStyles.ts';
import { StateElement } from './stateElement.ts';

export class SessionSummary extends StateElement {
  static override styles = [
    sharedStyles,
    css`
      :host,
      section {
        display: flex;
        flex-direction: column;
        gap: 7px;
      }
      section {
        margin-top: 10px;
      }
      ul {
        display: flex;
        flex-direction: column;
        gap: 6px;
        margin: 0;
        padding: 0;
        list-style: none;
      }
    `,
  ];
  protected override readonly ignored = ['rows', 'window', 'form', 'results'] as const;

  override render(): TemplateResult {
    const session = this.state.view?.session;
    if (session === undefined) {
      return html``;
    }
    const { uffd, ranges } = session;
    return html`
      <h2>No fault selected</h2>
      <p class="muted">Click a fault, or move to one with the arrow keys. N goes to the next held fault.</p>
      <section>
        <h3>Session</h3>
        <dl>
          <dt>Process</dt>
          <dd>${session.comm} (pid ${session.pid})</dd>
          <dt>Command</dt>
          <dd class="code">${session.commandLine}</dd>
          <dt>Uffd</dt>
          <dd>fd ${uffd.fd}, ${uffd.isBlocking ? 'blocking' : 'non-blocking'}</dd>
          <dt>Features</dt>
          <dd>${uffd.features.length === 0 ? 'none' : uffd.features.join(' ')}</dd>
        </dl>
      </section>
      <section>
        <h3>Registered ranges</h3>
        <ul>
          ${ranges.map(
            (range) =>
              html`<li>
                <span class="code">${range.start}</span> + ${formatBytes(range.lengthBytes)}
                <div class="muted">
                  ${[...range.modes, `pages of ${formatBytes(range.pageBytes)}`, range.backing]
                    .filter((part) => part !== '')
                    .join(', ')}
                </div>
              </li>`,
          )}
        </ul>
      </section>
    `;
  }
}

customElements.define('uffd-session-summary', SessionSummary);
