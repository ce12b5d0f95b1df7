/** `<uffd-resolve-form>`: resolves the selected faults by an ioctl, or wakes their threads. */
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-icon/index.js';
import { html, nothing, type TemplateResult } from 'lit';
import { type ActTargets, actTargets, type FaultOrder } from '../model/actTargets.ts';
import { type FaultPhase } from '../model/faultTable.ts';
import { phaseWords } from '../model/faultWords.ts';
import { obstacleOf } from '../model/ioctlChoice.ts';
import {
  readResolveInput,
  type ResolveField,
  type ResolveInput,
  type ResolveReading,
} from '../model/resolveInput.ts';
import { type FaultAtHand, faultAtHand } from '../state/faultAtHand.ts';
import { checkStyles } from '../styles/checkStyles.ts';
import { resolveFormStyles } from '../styles/resolveFormStyles.ts';
import { sharedStyles } from '../styles/sharedStyles.ts';
import './batchProgress.ts';
import { checkField, choiceField, type FieldForm, inputOf, textField } from './formFields.ts';
import { ioctlField } from './ioctlField.ts';
import { preflightNotes } from './preflightNotes.ts';
import { moveSourceField, sourceFields } from './sourceFields.ts';
import { StateElement } from './stateElement.ts';

const wakeHints: Readonly<Partial<Record<FaultPhase, string>>> = {
  waiting: 'Waking without a page hands the fault back: the thread faults again.',
  held: 'Waking without a page hands the fault back: the thread faults again.',
  asleep: 'Its page is there. Wake releases the thread; resolving again would answer EEXIST.',
};

const orderWords: Readonly<Record<FaultOrder, string>> = {
  oldest: 'Oldest first',
  newest: 'Newest first',
  address: 'By address',
  selected: 'As selected',
};
const orders = Object.keys(orderWords) as readonly FaultOrder[];

export class ResolveForm extends StateElement implements FieldForm {
  static override styles = [sharedStyles, resolveFormStyles, checkStyles];
  protected override readonly ignored = ['window', 'preview'] as const;
  /** Fields whose text was committed once: only of those a mistake is told. */
  private readonly committed = new Set<ResolveField>();
  private reading: ResolveReading | undefined;
  private targets: ActTargets = { resolve: [], wake: [] };
  private shownId: number | null = null;

  /** Puts the focus on the first field. */
  focusFirst(): void {
    this.renderRoot.querySelector('select')?.focus();
  }

  override willUpdate(): void {
    const { state } = this;
    if (this.shownId !== state.selectedId) {
      this.shownId = state.selectedId;
      this.committed.clear();
    }
    const fault = faultAtHand(state);
    this.reading = fault && readResolveInput(this.input, fault);
    this.targets = this.targetsNow();
    // Buttons are about to be disabled when the faults are over: the focus must not go with them.
    if (this.shadowRoot?.activeElement?.localName === 'vscode-button' && this.end() !== null) {
      this.leaveToChart();
    }
  }

  override render(): TemplateResult {
    const { input } = this;
    const { resolving } = this.state;
    const fault = faultAtHand(this.state);
    if (fault === undefined) {
      return html``;
    }
    return html`
      <h3 id="title">Resolve</h3>
      ${preflightNotes(resolving)}
      <form
        data-testid="resolve-form"
        aria-labelledby="title"
        @submit=${this.submit}
        @keydown=${this.submitOnEnter}
        novalidate
      >
        ${ioctlField(fault.ioctl, resolving.preflight, (ioctl) =>
          this.change({ ioctls: { ...input.ioctls, [fault.kind]: ioctl } }),
        )}
        ${fault.ioctl === 'copy' ? sourceFields(this, fault.page, () => void this.chooseFile()) : nothing}
        ${fault.ioctl === 'move' ? moveSourceField(this) : nothing} ${this.pageFields(fault)}
        ${this.modeFields(fault)} ${this.state.selectedIds.length > 1 ? this.orderField() : nothing}
        ${this.buttons(fault)}
      </form>
      <uffd-batch-progress .state=${this.state} .host=${this.host}></uffd-batch-progress>
    `;
  }

  private pageFields({ ioctl }: FaultAtHand): TemplateResult {
    return html`${textField(this, 'lengthPages', {
      label: 'Pages',
      testId: 'resolve-pages',
      placeholder: '1',
      title: 'Length in pages of the range, for each fault',
    })}
    ${
      ioctl === 'move'
        ? nothing
        : choiceField({
            id: 'around',
            label: 'Where',
            testId: 'resolve-around',
            value: this.input.around ? 'around' : 'here',
            options: [
              { value: 'here', words: 'From the fault’s page on' },
              { value: 'around', words: 'Around it, absent pages only (prefetch)' },
            ],
            onChange: (where) => this.change({ around: where === 'around' }),
          })
    }`;
  }

  private modeFields({ ioctl, wpObstacle }: FaultAtHand): TemplateResult {
    return html`${
      ioctl === 'copy' || ioctl === 'continue'
        ? checkField({
            label: 'WP: the page comes write-protected',
            testId: 'resolve-wp',
            isChecked: this.input.wp,
            obstacle: wpObstacle,
            onChange: (wp) => this.change({ wp }),
          })
        : nothing
    }
    ${
      ioctl === 'move'
        ? checkField({
            label: 'ALLOW_SRC_HOLES: pass over pages the source does not have',
            testId: 'resolve-allow-holes',
            isChecked: this.input.allowHoles,
            obstacle: '',
            onChange: (allowHoles) => this.change({ allowHoles }),
          })
        : nothing
    }
    ${checkField({
      label: 'DONTWAKE: leave the thread asleep',
      testId: 'resolve-dontwake',
      isChecked: this.input.dontWake,
      obstacle: ioctl === 'protect' ? 'arming wakes nobody' : '',
      onChange: (dontWake) => this.change({ dontWake }),
    })}`;
  }

  private orderField(): TemplateResult {
    return choiceField({
      id: 'order',
      label: 'Order',
      testId: 'resolve-order',
      value: this.input.order,
      options: orders.map((value) => ({ value, words: orderWords[value] })),
      onChange: (order) => this.change({ order }),
    });
  }

  private buttons(fault: FaultAtHand): TemplateResult {
    const { trace, selectedIndex, selectedIds, resolving } = this.state;
    const { resolve, wake } = this.targets;
    const isSeveral = selectedIds.length > 1;
    const isAsleep = trace.faults.phase(selectedIndex) === 'asleep';
    const end = this.end();
    const hint = end ?? (resolving.isActing ? 'Waiting for the answer…' : this.hint(isSeveral));
    return html`<div class="buttons">
        ${this.button({
          testId: 'resolve-submit',
          icon: 'check',
          isPrimary: !isAsleep,
          label: isSeveral ? `Resolve ${counted(resolve.length, 'fault')}` : 'Resolve',
          title: 'Do this ioctl now',
          obstacle: fault.obstacle,
          act: () => this.resolve(),
        })}
        ${this.button({
          testId: 'wake',
          icon: 'bell',
          isPrimary: isAsleep,
          label: isSeveral ? `Wake ${counted(wake.length, 'thread')}` : 'Wake',
          title: 'UFFDIO_WAKE on the page of each fault',
          obstacle: obstacleOf(resolving.preflight, 'wake'),
          act: () => this.wake(),
        })}
      </div>
      <p id="hint" class="hint muted" data-testid="form-hint">${hint}</p>`;
  }

  /** Only what is over takes the button away; what may change again leaves it its focus. */
  private button(button: {
    readonly testId: string;
    readonly icon: string;
    readonly isPrimary: boolean;
    readonly label: string;
    readonly title: string;
    readonly obstacle: string;
    readonly act: () => void;
  }): TemplateResult {
    const end = this.end();
    const isOff = end !== null || button.obstacle !== '' || this.state.resolving.isActing;
    return html`<vscode-button
      data-testid=${button.testId}
      ?secondary=${!button.isPrimary}
      icon=${button.icon}
      title=${end ?? (button.obstacle === '' ? button.title : `Not offered: ${button.obstacle}`)}
      aria-describedby="hint warnings"
      ?disabled=${end !== null}
      aria-disabled=${isOff ? 'true' : 'false'}
      @click=${() => {
        if (!isOff) {
          button.act();
        }
      }}
      >${button.label}</vscode-button
    >`;
  }

  /** Why nothing is left to do with the selected faults; null when something is. */
  private end(): string | null {
    const { trace, selectedIndex, selectedIds, isLive } = this.state;
    if (!isLive) {
      return 'The session is over: its faults can be looked at, not resolved.';
    }
    if (this.targets.wake.length > 0) {
      return null;
    }
    return selectedIds.length > 1
      ? 'These faults are over: nothing is left to do.'
      : `This fault is over (${phaseWords[trace.faults.phase(selectedIndex)].toLowerCase()}): nothing is left to do.`;
  }

  private hint(isSeveral: boolean): string {
    const { faults } = this.state.trace;
    if (!isSeveral) {
      return wakeHints[faults.phase(this.state.selectedIndex)] ?? '';
    }
    // Faults without a page come first: the first of these has its page only when all have.
    const [firstId] = this.targets.resolve;
    return firstId !== undefined && faults.phase(faults.indexOf(firstId)) === 'asleep'
      ? 'Their pages are there. Wake releases the threads; resolving again would answer EEXIST.'
      : 'Waking a thread whose page is not there hands its fault back: it faults again.';
  }

  private targetsNow(): ActTargets {
    const { trace, selectedIds } = this.state;
    return actTargets(trace.faults, selectedIds, this.input.order);
  }

  // ---- the fields' form ----------------------------------------------------------

  get input(): ResolveInput {
    return this.state.resolving.input;
  }

  mistake(field: ResolveField): string | undefined {
    return this.committed.has(field) ? this.reading?.errors?.[field] : undefined;
  }

  change(part: Partial<ResolveInput>): void {
    this.state.resolving.setInput({ ...this.input, ...part });
  }

  commit(...fields: readonly ResolveField[]): void {
    for (const field of fields) {
      this.committed.add(field);
    }
    this.requestUpdate();
  }

  private async chooseFile(): Promise<void> {
    const { sessionKey } = this.state;
    const file = await this.host.chooseFile();
    if (file !== null && this.state.sessionKey === sessionKey) {
      this.change({ file });
      this.commit('file');
    }
  }

  // ---- acting --------------------------------------------------------------------

  private readonly submit = (event: Event): void => {
    event.preventDefault();
  };

  private readonly submitOnEnter = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && inputOf(event).localName === 'input') {
      event.preventDefault();
      this.resolve();
    }
  };

  private resolve(): void {
    const fault = faultAtHand(this.state);
    if (fault?.obstacle !== '' || this.end() !== null) {
      return;
    }
    const { plan, errors } = readResolveInput(this.input, fault);
    if (errors === undefined) {
      void this.host.actions.resolve(this.targetsNow().resolve, plan);
      return;
    }
    const wrong = Object.keys(errors) as ResolveField[];
    this.commit(...wrong);
    this.renderRoot.querySelector<HTMLElement>(`#${wrong[0] ?? ''}`)?.focus();
  }

  private wake(): void {
    void this.host.actions.wake(this.targetsNow().wake);
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

customElements.define('uffd-resolve-form', ResolveForm);

declare global {
  interface HTMLElementTagNameMap {
    'uffd-resolve-form': ResolveForm;
  }
}
