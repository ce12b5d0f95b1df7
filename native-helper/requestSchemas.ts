/**
 * Checks of every request: the helper may run as root, so it trusts nothing it receives.
 * A bad request is answered with an error that names the field.
 */
import * as v from 'valibot';
import { invalidParams } from './helperErrors.ts';

/** pid_max is at most 2^22; descriptors, ids and counts fit 31 bits. */
const positive = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0x7fffffff));
/** Checked by decoding: a regular expression overflows the stack on the bytes of a few huge pages. */
const base64 = v.pipe(
  v.string(),
  v.minLength(1, 'no bytes'),
  v.check((text) => Buffer.from(text, 'base64').toString('base64') === text, 'not base64'),
);
const faultIds = v.pipe(
  v.array(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0xffffffff))),
  v.minLength(1, 'no fault'),
);

const pageSource = v.variant('kind', [
  v.strictObject({
    kind: v.literal('fill'),
    byte: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255)),
  }),
  v.strictObject({ kind: v.literal('pattern'), bytes: base64 }),
  v.strictObject({ kind: v.literal('bytes'), bytes: base64 }),
]);

const action = v.variant('ioctl', [
  v.strictObject({ ioctl: v.literal('copy'), source: pageSource, dontWake: v.boolean() }),
  v.strictObject({ ioctl: v.literal('zeropage'), dontWake: v.boolean() }),
]);

const wakeFaults = v.strictObject({ faultIds });
const wakeRange = v.strictObject({
  start: v.pipe(v.string(), v.regex(/^0x[0-9a-f]{1,16}$/, 'not a hex address such as 0x7f0000001000')),
  lengthBytes: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 52)),
});

function hasKey(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && key in value;
}

/** Schemas by request, in the order of protocol.ts. */
export const schemas = {
  processList: v.object({ partialResultToken: v.optional(v.string()) }),
  attach: v.strictObject({
    pid: positive,
    fd: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0x7fffffff))),
  }),
  session: v.strictObject({ sessionId: positive }),
  resolve: v.strictObject({
    sessionId: positive,
    faultIds,
    action,
    lengthPages: v.pipe(v.number(), v.integer(), v.minValue(1, 'at least one page'), v.maxValue(0x7fffffff)),
  }),
  wake: v.strictObject({
    sessionId: positive,
    what: v.lazy((what) => (hasKey(what, 'faultIds') ? wakeFaults : wakeRange)),
  }),
  setRule: v.strictObject({ sessionId: positive, rule: v.nullable(action) }),
} as const;

/**
 * `params` as the schema's type.
 * @throws HelperError invalidParams naming the first bad field
 */
export function checkParams<Schema extends v.GenericSchema>(
  schema: Schema,
  params: unknown,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, params);
  if (!result.success) {
    const [issue] = result.issues;
    throw invalidParams(v.getDotPath(issue) ?? '', issue.message);
  }
  return result.output;
}
