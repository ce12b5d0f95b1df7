/** What a preflight found about the selected faults, and what resolving them by hand may break. */
import { html, nothing, type TemplateResult } from 'lit';
import { type ResolveState } from '../state/resolveState.ts';

export function preflightNotes({ preflight, preflightRefusal }: ResolveState): TemplateResult {
  const warnings = preflight?.warnings ?? [];
  const facts = preflight?.facts ?? [];
  return html`${
    warnings.length === 0
      ? nothing
      : html`<div class="warning" id="warnings" role="note" data-testid="preflight-warnings">
          <vscode-icon name="warning" label="Warning"></vscode-icon>
          <div>${warnings.map((warning) => html`<p>${warning}</p>`)}</div>
        </div>`
  }
  ${facts.length === 0 ? nothing : html`<p class="facts muted" data-testid="preflight-facts">Found: ${facts.join(' · ')}</p>`}
  ${
    preflightRefusal === null
      ? nothing
      : html`<p class="facts error" data-testid="preflight-refusal">${preflightRefusal}</p>`
  }`;
}
