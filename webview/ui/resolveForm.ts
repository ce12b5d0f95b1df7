/** `<uffd-resolve-form>`: resolves the selected fault by an ioctl, or wakes its thread. */
import '@vscode-elements/elements/dist/vscode-button/index.js';
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { pageOf } from '../model/faultRange.ts';
import { endOpen, type FaultPhase } from '../model/faultTable.ts';
import { phaseWords } from '../model/faultWords.ts';
import { readResolveInput, type ResolveInput, type ResolveReading } from '../model/resolveInput.ts';
import { resolveFormStyles } from '../styles/resolveFormStyles.ts';
import { sharedStyles } from '../styles/sharedStyles.ts';
import { StateElement } from './stateElement.ts';

type TextField = 'fillByte' | 'bytes' | 'lengthPages';
type ChoiceField = 'ioctl' | 'source' | 'format';

const testIds: Readonly<Record<TextField | ChoiceField, string>> = {
  ioctl: 'resolve-ioctl',
  source: 'resolve-source',
  format: 'resolve-format',
  fillByte: 'resolve-fill',
  bytes: 'resolve-bytes',
  lengthPages: 'resolve-pages',
};

const wakeHints: Readonly<Partial<Record<FaultPhase, string>>> = {
  waiting: 'Waking without a page hands the fault back: the thread faults again.',
  held: 'Waking without a page hands the fault back: the thread faults again.',
  asleep: 'Its page is there. Wake releases the thread; resolving again would answer EEXIST.',
};

export class ResolveForm extends StateElement {
  static override styles = [sharedStyles, resolveFormStyles];
  protected override readonly ignored = ['window'] as const;
  /** Fields whose text was committed once: only of those a mistake is told. */
  private readonly touched = new Set<string>();
  private shownId: number | null = null;

  /** Puts the focus on the first field. */
  focusFirst(): void {
    this.renderRoot.querySelector('select')?.focus();
  }

  /** Buttons are about to be disabled when the fault has ended: the focus must not go with them. */
  override willUpdate(): void {
    if (this.shownId !== this.state.selectedId) {
      this.shownId = this.state.selectedId;
      this.touched.clear();
    }
    if (this.shadowRoot?.activeElement?.localName === 'vscode-button' && this.obstacle() !== null) {
      this.leaveToChart();
    }
  }

  override render(): TemplateResult {
    const { input, isActing, trace, selectedIndex } = this.state;
    if (this.state.selectedIndex === -1) {
      return html``;
    }
    const obstacle = this.obstacle();
    const reading = this.reading();
    const isAsleep = trace.faults.phase(selectedIndex) === 'asleep';
    const hint = obstacle ?? (isActing ? 'Waiting for the answer…' : this.hint());
    return html`
      <h3>Resolve</h3>
      <form data-testid="resolve-form" @submit=${this.submit} @keydown=${this.submitOnEnter} novalidate>
        ${this.choice('ioctl', 'Ioctl', { copy: 'COPY – bytes you give', zeropage: 'ZEROPAGE – zeros' })}
        ${input.ioctl === 'copy' ? this.sourceFields(reading) : nothing}
        ${this.text('lengthPages', 'Pages', '1', reading, 'Length in pages of the range, from this page on')}
        <label class="check">
          <input
            type="checkbox"
            data-testid="resolve-dontwake"
            .checked=${input.dontWake}
            @change=${(event: Event) => this.change({ dontWake: inputOf(event).checked })}
          />
          DONTWAKE: leave the thread asleep
        </label>
        <div class="buttons">
          <vscode-button
            data-testid="resolve-submit"
            ?secondary=${isAsleep}
            icon="check"
            title=${obstacle ?? 'Do this ioctl now'}
            aria-describedby="hint"
            ?disabled=${obstacle !== null}
            aria-disabled=${obstacle !== null || isActing ? 'true' : 'false'}
            @click=${() => this.resolve()}
            >Resolve</vscode-button
          >
          <vscode-button
            data-testid="wake"
            ?secondary=${!isAsleep}
            icon="bell"
            title=${obstacle ?? 'UFFDIO_WAKE on this page'}
            aria-describedby="hint"
            ?disabled=${obstacle !== null}
            aria-disabled=${obstacle !== null || isActing ? 'true' : 'false'}
            @click=${() => this.wake()}
            >Wake</vscode-button
          >
        </div>
        <p id="hint" class="hint muted" data-testid="form-hint">${hint}</p>
      </form>
    `;
  }

  private sourceFields(reading: ResolveReading): TemplateResult {
    const { input } = this.state;
    const source = this.choice('source', 'Source', {
      fill: 'Fill byte',
      pattern: 'Repeated pattern',
      bytes: 'Given bytes, then zeros',
    });
    if (input.source === 'fill') {
      return html`${source} ${this.text('fillByte', 'Byte', "0x41, 65 or 'A'", reading)}`;
    }
    const example = input.format === 'hex' ? 'de ad be ef' : 'text, as UTF-8';
    return html`${source} ${this.choice('format', 'Typed as', { hex: 'Hex bytes', text: 'Text (UTF-8)' })}
    ${this.text('bytes', 'Bytes', example, reading)}`;
  }

  private choice(
    field: ChoiceField,
    label: string,
    options: Readonly<Record<string, string>>,
  ): TemplateResult {
    return html`<label for=${field}>${label}</label>
      <select
        id=${field}
        data-testid=${testIds[field]}
        @change=${(event: Event) => this.change({ [field]: inputOf(event).value })}
      >
        ${Object.entries(options).map(
          ([value, words]) =>
            html`<option value=${value} ?selected=${this.state.input[field] === value}>${words}</option>`,
        )}
      </select>`;
  }

  private text(
    field: TextField,
    label: string,
    placeholder: string,
    reading: ResolveReading,
    title = '',
  ): TemplateResult {
    const error = this.touched.has(field) ? reading.errors?.[field] : undefined;
    return html`<label for=${field}>${label}</label>
      <input
        id=${field}
        data-testid=${testIds[field]}
        title=${title}
        .value=${live(this.state.input[field])}
        placeholder=${placeholder}
        autocomplete="off"
        spellcheck="false"
        aria-invalid=${error === undefined ? 'false' : 'true'}
        aria-describedby="${field}-error"
        @input=${(event: Event) => this.change({ [field]: inputOf(event).value })}
        @change=${() => this.touch(field)}
      />
      ${
        error === undefined
          ? nothing
          : html`<p class="error" id="${field}-error" role="alert" data-testid="${testIds[field]}-error">
              ${error}
            </p>`
      }`;
  }

  /** Why nothing can be done with the selected fault; null when something can. */
  private obstacle(): string | null {
    const { trace, selectedIndex, isLive } = this.state;
    if (!isLive) {
      return 'The session is over: its faults can be looked at, not resolved.';
    }
    if (trace.faults.end[selectedIndex] !== endOpen) {
      return `This fault is over (${phaseWords[trace.faults.phase(selectedIndex)].toLowerCase()}): nothing is left to do.`;
    }
    return null;
  }

  private hint(): string {
    return wakeHints[this.state.trace.faults.phase(this.state.selectedIndex)] ?? '';
  }

  private reading(): ResolveReading {
    const { view, trace, selectedIndex, input } = this.state;
    const page = pageOf(view?.session.ranges ?? [], trace.faults.address[selectedIndex] ?? 0n);
    return readResolveInput(
      input,
      page === undefined ? undefined : { pagesLeft: page.pagesLeft, pageBytes: page.range.pageBytes },
    );
  }

  private touch(...fields: readonly string[]): void {
    for (const field of fields) {
      this.touched.add(field);
    }
    this.requestUpdate();
  }

  private change(part: Partial<ResolveInput>): void {
    this.state.setInput({ ...this.state.input, ...part });
  }

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
    const { plan, errors } = this.reading();
    if (errors !== undefined) {
      const [wrong] = Object.keys(errors);
      this.touch(...Object.keys(errors));
      this.renderRoot.querySelector<HTMLElement>(`#${wrong ?? ''}`)?.focus();
      return;
    }
    this.act((faultId) => this.host.resolve([faultId], plan));
  }

  private wake(): void {
    this.act((faultId) => this.host.wake([faultId]));
  }

  private act(request: (faultId: number) => Promise<void>): void {
    const { selectedId } = this.state;
    if (selectedId !== null && this.obstacle() === null) {
      void request(selectedId);
    }
  }
}

/** The field an event came from; every field of the form is an input or has its properties. */
function inputOf(event: Event): HTMLInputElement {
  return event.target as HTMLInputElement;
}

customElements.define('uffd-resolve-form', ResolveForm);

declare global {
  interface HTMLElementTagNameMap {
    'uffd-resolve-form': ResolveForm;
  }
}
