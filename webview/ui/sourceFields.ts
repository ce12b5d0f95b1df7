/** The fields that say where the bytes of a COPY or the pages of a MOVE come from. */
import { html, type TemplateResult } from 'lit';
import { formatBytes } from '../model/duration.ts';
import { type FaultPage } from '../model/faultRange.ts';
import { type ResolveInput } from '../model/resolveInput.ts';
import { choiceField, type FieldForm, mistakeOf, textField } from './formFields.ts';

const sourceWords: Readonly<Record<ResolveInput['source'], string>> = {
  fill: 'Fill byte',
  pattern: 'Repeated pattern',
  bytes: 'Given bytes, then zeros',
  file: 'File, from an offset on',
  image: 'Memory image (file at address − base)',
  target: 'Another page of the target',
};

/** @param chooseFile lets the user choose a file and puts it into the form */
export function sourceFields(
  form: FieldForm,
  page: FaultPage | undefined,
  chooseFile: () => void,
): TemplateResult {
  const kinds = Object.keys(sourceWords) as readonly ResolveInput['source'][];
  return html`${choiceField({
    id: 'source',
    label: 'Source',
    testId: 'resolve-source',
    value: form.input.source,
    options: kinds.map((value) => ({ value, words: sourceWords[value] })),
    onChange: (source) => form.change({ source }),
  })}
  ${fieldsOf(form, page, chooseFile)}`;
}

export function moveSourceField(form: FieldForm): TemplateResult {
  return textField(form, 'moveSource', {
    label: 'Source',
    testId: 'resolve-move-source',
    placeholder: '0x7f0000001000',
    title:
      'Page of the target’s private anonymous memory: it is taken away from there, where it is missing then',
  });
}

function fieldsOf(form: FieldForm, page: FaultPage | undefined, chooseFile: () => void): TemplateResult {
  switch (form.input.source) {
    case 'fill':
      return textField(form, 'fillByte', {
        label: 'Byte',
        testId: 'resolve-fill',
        placeholder: "0x5a, 90 or 'Z'",
      });
    case 'pattern':
    case 'bytes':
      return typedFields(form);
    case 'file':
      return html`${fileField(form, chooseFile)}
      ${textField(form, 'fileOffset', {
        label: 'Offset',
        testId: 'resolve-file-offset',
        placeholder: '0, 4096 or 0x1000',
        title: 'Byte of the file that the page begins with, the same for every fault',
      })}`;
    case 'image':
      return html`${fileField(form, chooseFile)}
      ${textField(form, 'imageBase', {
        label: 'Base',
        testId: 'resolve-image-base',
        placeholder: '0x7f0000000000',
        title: 'Address of the file’s first byte: address A gets the byte at offset A − base',
        value: form.input.imageBase ?? page?.range.start ?? '',
      })}`;
    case 'target':
      return textField(form, 'targetAddress', {
        label: 'Address',
        testId: 'resolve-target-address',
        placeholder: '0x7f0000001000',
        title: 'Where in the target’s own memory the bytes are read; a missing page there is an error',
      });
  }
}

function typedFields(form: FieldForm): TemplateResult {
  return html`${choiceField({
    id: 'format',
    label: 'Typed as',
    testId: 'resolve-format',
    value: form.input.format,
    options: [
      { value: 'hex', words: 'Hex bytes' },
      { value: 'text', words: 'Text (UTF-8)' },
    ],
    onChange: (format) => form.change({ format }),
  })}
  ${textField(form, 'bytes', {
    label: 'Bytes',
    testId: 'resolve-bytes',
    placeholder: form.input.format === 'hex' ? 'de ad be ef' : 'text, as UTF-8',
  })}`;
}

function fileField(form: FieldForm, chooseFile: () => void): TemplateResult {
  const { file } = form.input;
  return html`<span class="label" id="file-label">File</span>
    <div class="file">
      <button
        type="button"
        class="choose"
        id="file"
        data-testid="resolve-file"
        aria-labelledby="file-label file"
        aria-describedby="file-name file-error"
        @click=${chooseFile}
      >
        ${file === null ? 'Choose…' : 'Change…'}
      </button>
      <span id="file-name" class=${file === null ? 'muted' : ''} data-testid="resolve-file-name"
        >${
          file === null
            ? 'No file chosen'
            : html`<span class="code" title=${file.path}>${file.path}</span>
                <span class="muted">${formatBytes(file.sizeBytes)}</span>`
        }</span
      >
    </div>
    ${mistakeOf(form, 'file', 'resolve-file')}`;
}
