/** One line of a hex dump: sign, offset, bytes in pairs, ASCII. */
import { html, type TemplateResult } from 'lit';
import { asciiOf, differsAt, hexByte, type HexOrigin, type HexRow } from '../model/hexRows.ts';

/** What the dump shows; null where bytes are not known. */
export interface HexContents {
  readonly source: Uint8Array | null;
  readonly page: Uint8Array | null;
  readonly bytesPerRow: number;
  readonly offsetDigits: number;
}

const signs: Readonly<Record<HexOrigin, { readonly sign: string; readonly words: string }>> = {
  only: { sign: ' ', words: '' },
  source: { sign: '+', words: 'source' },
  page: { sign: '=', words: 'page' },
};

/** Every blank is text of its own: the line keeps them all, whatever the template's form. */
export function hexRowView({ offset, origin }: HexRow, contents: HexContents): TemplateResult {
  const { source, page, bytesPerRow, offsetDigits } = contents;
  const bytes = origin === 'page' ? page : (source ?? page);
  const mark = (place: number, text: string): TemplateResult | string =>
    origin !== 'only' && differsAt(source, page, place) ? html`<b>${text}</b>` : text;
  const places = Array.from({ length: bytesPerRow }, (_, n) => offset + n);
  const { sign, words } = signs[origin];
  return html`<span class="line"
    >${[
      html`<span role="img" aria-label=${words}>${sign}</span>`,
      ' ',
      html`<span class="offset">${offset.toString(16).padStart(offsetDigits, '0')}</span>`,
      ' ',
      ...places.flatMap((place, n) => [
        ...(n > 0 && n % 2 === 0 ? [' '] : []),
        mark(place, hexByte(bytes?.[place])),
      ]),
      ' ',
      ...places.map((place) => mark(place, asciiOf(bytes?.[place]))),
    ]}</span
  >`;
}
