/** What a timeline page may send, checked field by field. Pure: no VS Code. */
import * as v from 'valibot';

const faultId = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0xffffffff));
const faultIds = v.pipe(v.array(faultId), v.minLength(1), v.maxLength(100_000));
/** One COPY's contents at most; the longest a form can reasonably carry. */
const base64 = v.pipe(v.string(), v.base64(), v.minLength(1), v.maxLength(64 * 1024 * 1024));

const pageSource = v.variant('kind', [
  v.strictObject({
    kind: v.literal('fill'),
    byte: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255)),
  }),
  v.strictObject({ kind: v.literal('pattern'), bytes: base64 }),
  v.strictObject({ kind: v.literal('bytes'), bytes: base64 }),
]);

export const resolveParams = v.strictObject({
  faultIds,
  action: v.variant('ioctl', [
    v.strictObject({ ioctl: v.literal('copy'), source: pageSource, dontWake: v.boolean() }),
    v.strictObject({ ioctl: v.literal('zeropage'), dontWake: v.boolean() }),
  ]),
  lengthPages: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
});

export const wakeParams = v.strictObject({ faultIds });

export const selectionParams = v.strictObject({ faultId: v.nullable(faultId) });
