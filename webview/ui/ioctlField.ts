/** The list of ioctls: those that are not offered are disabled, with the reason. */
import { html, nothing, type TemplateResult } from 'lit';
import type { PreflightDto } from '../../native-helper/protocol/preflight.ts';
import { type IoctlChoice, ioctlWords, obstacleOf, offerNames } from '../model/ioctlChoice.ts';
import { choiceField } from './formFields.ts';

const choices = Object.keys(ioctlWords) as readonly IoctlChoice[];

export function ioctlField(
  chosen: IoctlChoice,
  preflight: PreflightDto | null,
  onChange: (ioctl: IoctlChoice) => void,
): TemplateResult {
  const refused = choices.filter((id) => obstacleOf(preflight, id) !== '');
  const field = choiceField({
    id: 'ioctl',
    label: 'Ioctl',
    testId: 'resolve-ioctl',
    value: chosen,
    describedBy: 'ioctl-reasons',
    options: choices.map((value) => {
      const obstacle = obstacleOf(preflight, value);
      return {
        value,
        words: obstacle === '' ? ioctlWords[value] : `${offerNames[value]} – ${obstacle}`,
        isDisabled: obstacle !== '',
      };
    }),
    onChange,
  });
  return html`${field} ${refused.length === 0 ? nothing : reasons(refused, preflight)}
  ${
    refused.includes(chosen)
      ? html`<p class="obstacle" role="status" data-testid="ioctl-obstacle">
          ${offerNames[chosen]} cannot be done here: ${obstacleOf(preflight, chosen)}.
        </p>`
      : nothing
  }`;
}

function reasons(refused: readonly IoctlChoice[], preflight: PreflightDto | null): TemplateResult {
  return html`<span id="ioctl-reasons" hidden>
      Not offered: ${refused.map((id) => `${offerNames[id]}, ${obstacleOf(preflight, id)}`).join('; ')}.
    </span>
    <details class="reasons" data-testid="ioctl-reasons">
      <summary>Not offered: ${refused.map((id) => offerNames[id]).join(', ')}</summary>
      <ul>
        ${refused.map((id) => html`<li><b>${offerNames[id]}</b> – ${obstacleOf(preflight, id)}</li>`)}
      </ul>
    </details>`;
}
