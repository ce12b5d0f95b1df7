/** Bytes as requests and rules files write them. Pure: no Node, no DOM. */

/** No repeated group: that overflows the stack on a few huge pages. */
const pattern = /^[A-Za-z0-9+/]*(?:[AQgw]==|[AEIMQUYcgkosw048]=)?$/;

/** Whether `text` is base64 in its one form: whole groups of four, padded, unused bits zero. Empty is no bytes. */
export function isBase64(text: string): boolean {
  return text.length % 4 === 0 && pattern.test(text);
}
