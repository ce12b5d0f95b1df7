/** `<uffd-range-actions>`: what can be done with one registered range as a whole. */
import '@vscode-elements/elements/dist/vscode-button/index.js';
import { css, html, type TemplateResult } from 'lit';
import type { RegisterMode } from '../../native-helper/protocol/ioctls.ts';
import type { RangeDto } from '../../native-helper/protocol/ranges.ts';
import { openFaultsIn } from '../model/actTargets.ts';
import { minorObstacle, protectObstacle } from '../model/rangeWords.ts';
import { selectHeldInRange } from '../state/selectHeld.ts';
import { checkStyles } from '../styles/checkStyles.ts';
import { resolveFormStyles } from '../styles/resolveFormStyles.ts';
import { sharedStyles } from '../styles/sharedStyles.ts';
import { checkField } from './formFields.ts';
import { StateElement } from './stateElement.ts';

const registerModes: readonly RegisterMode[] = ['MISSING', 'WP', 'MINOR'];

export class RangeActions extends StateElement {
  static override styles = [
    sharedStyles,
    resolveFormStyles,
    checkStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        gap: 8px;
        margin: 7px 0 4px;
      }
      .modes {
        display: flex;
        flex-wrap: wrap;
        gap: 6px 14px;
      }
    `,
  ];
  static override properties = { range: { attribute: false }, modes: { state: true } };
  declare range: RangeDto;
  /** Modes ticked for REGISTER; null until one is changed: those of the range. */
  declare private modes: ReadonlySet<RegisterMode> | null;
  protected override readonly ignored = ['window', 'form', 'preflight', 'preview'] as const;

  constructor() {
    super();
    this.modes = null;
  }

  override render(): TemplateResult {
    const { range } = this;
    const { actions } = this.host;
    const { faults } = this.state.trace;
    const inRange = openFaultsIn(faults, BigInt(range.start), range.lengthBytes);
    const held = inRange.filter((id) => faults.isHeld(faults.indexOf(id))).length;
    const modes = this.chosenModes();
    return html`
      <div class="buttons">
        ${this.button(
          'range-select-held',
          `Select ${held} held`,
          held === 0 ? 'none is held in this range' : '',
          () => selectHeldInRange(this.state, range),
        )}
      </div>
      <div class="buttons">
        ${this.button(
          'range-protect',
          'WRITEPROTECT on',
          protectObstacle(range),
          () => void actions.protectRange(range, true),
        )}
        ${this.button(
          'range-unprotect',
          'WRITEPROTECT off',
          protectObstacle(range),
          () => void actions.protectRange(range, false),
        )}
      </div>
      <div class="modes" role="group" aria-label="Modes for REGISTER">
        ${registerModes.map((mode) =>
          checkField({
            label: mode,
            testId: `range-mode-${mode.toLowerCase()}`,
            isChecked: modes.has(mode),
            obstacle: mode === 'MINOR' ? minorObstacle(range) : '',
            onChange: (isChecked) => this.tick(mode, isChecked),
          }),
        )}
      </div>
      <div class="buttons">
        ${this.button(
          'range-register',
          'REGISTER…',
          modes.size === 0 ? 'tick at least one mode' : '',
          () =>
            void actions.register(
              range,
              registerModes.filter((mode) => modes.has(mode)),
            ),
        )}
        ${this.button('range-unregister', 'UNREGISTER…', '', () => void actions.register(range, []))}
      </div>
    `;
  }

  private chosenModes(): ReadonlySet<RegisterMode> {
    return this.modes ?? new Set(registerModes.filter((mode) => this.range.modes.includes(mode)));
  }

  private tick(mode: RegisterMode, isChecked: boolean): void {
    const others = [...this.chosenModes()].filter((chosen) => chosen !== mode);
    this.modes = new Set(isChecked ? [...others, mode] : others);
  }

  private button(testId: string, label: string, obstacle: string, act: () => void): TemplateResult {
    const isOff = !this.state.isLive || this.state.resolving.isActing || obstacle !== '';
    return html`<vscode-button
      secondary
      data-testid=${testId}
      title=${this.state.isLive ? obstacle : this.state.isRecording ? 'This is a recording.' : 'The session is over.'}
      aria-disabled=${isOff ? 'true' : 'false'}
      @click=${() => {
        if (!isOff) {
          act();
        }
      }}
      >${label}</vscode-button
    >`;
  }
}

customElements.define('uffd-range-actions', RangeActions);
