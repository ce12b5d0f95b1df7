/** What a timeline page may send, checked field by field. Pure: no VS Code. */
import * as v from 'valibot';

const faultId = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0xffffffff));
const faultIds = v.pipe(v.array(faultId), v.minLength(1), v.maxLength(100_000));
/** The longest base64 a form can reasonably carry. */
const mostCharacters = 64 * 1024 * 1024;
/** Checked by decoding, once the length is right: a regular expression overflows the stack from 8 MiB on. */
const base64 = v.pipe(
  v.string(),
  v.check(
    (text) => text.length > 0 && text.length <= mostCharacters && isBase64(text),
    'not base64, or too long',
  ),
);
const sessionId = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

const pageSource = v.variant('kind', [
  v.strictObject({
    kind: v.literal('fill'),
    byte: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255)),
  }),
  v.strictObject({ kind: v.literal('pattern'), bytes: base64 }),
  v.strictObject({ kind: v.literal('bytes'), bytes: base64 }),
]);

export const resolveParams = v.strictObject({
  sessionId,
  faultIds,
  action: v.variant('ioctl', [
    v.strictObject({ ioctl: v.literal('copy'), source: pageSource, dontWake: v.boolean() }),
    v.strictObject({ ioctl: v.literal('zeropage'), dontWake: v.boolean() }),
  ]),
  lengthPages: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
});

export const wakeParams = v.strictObject({ sessionId, faultIds });

export const selectionParams = v.strictObject({ faultId: v.nullable(faultId) });

function isBase64(text: string): boolean {
  return Buffer.from(text, 'base64').toString('base64') === text;
}
