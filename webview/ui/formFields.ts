/** Fields of the resolve form: a label, a native control and, where something is wrong, a sentence. */
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { type ResolveField, type ResolveInput } from '../model/resolveInput.ts';

/** The form that a field belongs to. */
export interface FieldForm {
  readonly input: ResolveInput;
  /** The mistake to tell about a field; undefined when there is none, or it was never committed. */
  mistake(field: ResolveField): string | undefined;
  change(part: Partial<ResolveInput>): void;
  /** The field was left or Enter was pressed: its mistakes may be told. */
  commit(field: ResolveField): void;
}

type TextName =
  'fillByte' | 'bytes' | 'fileOffset' | 'imageBase' | 'targetAddress' | 'moveSource' | 'lengthPages';

export function textField(
  form: FieldForm,
  field: TextName,
  words: {
    readonly label: string;
    readonly testId: string;
    readonly placeholder: string;
    readonly title?: string;
    /** Shown instead of what was typed. */
    readonly value?: string;
  },
): TemplateResult {
  const isWrong = form.mistake(field) !== undefined;
  return html`<label for=${field}>${words.label}</label>
    <input
      id=${field}
      data-testid=${words.testId}
      title=${words.title ?? ''}
      .value=${live(words.value ?? form.input[field] ?? '')}
      placeholder=${words.placeholder}
      autocomplete="off"
      spellcheck="false"
      aria-invalid=${isWrong ? 'true' : 'false'}
      aria-describedby="${field}-error"
      @input=${(event: Event) => form.change({ [field]: inputOf(event).value })}
      @change=${() => form.commit(field)}
    />
    ${mistakeOf(form, field, words.testId)}`;
}

/** What is wrong with a field, in a sentence that is read out when it appears. */
export function mistakeOf(
  form: FieldForm,
  field: ResolveField,
  testId: string,
): TemplateResult | typeof nothing {
  const mistake = form.mistake(field);
  return mistake === undefined
    ? nothing
    : html`<p class="error" id="${field}-error" role="alert" data-testid="${testId}-error">${mistake}</p>`;
}

export interface ChoiceOption<Value extends string> {
  readonly value: Value;
  readonly words: string;
  readonly isDisabled?: boolean;
}

export function choiceField<Value extends string>(choice: {
  readonly id: string;
  readonly label: string;
  readonly testId: string;
  readonly value: Value;
  readonly options: readonly ChoiceOption<Value>[];
  /** Id of the element that says more. */
  readonly describedBy?: string;
  readonly onChange: (value: Value) => void;
}): TemplateResult {
  return html`<label for=${choice.id}>${choice.label}</label>
    <select
      id=${choice.id}
      data-testid=${choice.testId}
      aria-describedby=${choice.describedBy ?? nothing}
      @change=${(event: Event) => {
        const chosen = choice.options.find(({ value }) => value === inputOf(event).value);
        if (chosen !== undefined) {
          choice.onChange(chosen.value);
        }
      }}
    >
      ${choice.options.map(
        ({ value, words, isDisabled = false }) =>
          html`<option value=${value} ?disabled=${isDisabled} .selected=${live(value === choice.value)}>
            ${words}
          </option>`,
      )}
    </select>`;
}

export function checkField(check: {
  readonly label: string;
  readonly testId: string;
  readonly isChecked: boolean;
  /** Why it cannot be had; empty when it can. */
  readonly obstacle: string;
  readonly onChange: (isChecked: boolean) => void;
}): TemplateResult {
  const isOffered = check.obstacle === '';
  return html`<label class="check">
    <input
      type="checkbox"
      data-testid=${check.testId}
      ?disabled=${!isOffered}
      .checked=${live(check.isChecked && isOffered)}
      @change=${(event: Event) => check.onChange(inputOf(event).checked)}
    />
    <span>${check.label}${isOffered ? nothing : html`<span class="muted"> – ${check.obstacle}</span>`}</span>
  </label>`;
}

/** The control an event came from; every one of the form is an input or has its properties. */
export function inputOf(event: Event): HTMLInputElement {
  return event.target as HTMLInputElement;
}
