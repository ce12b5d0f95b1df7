/**
 * What each request of protocol/ may say, field by field: the helper may run as root, so it
 * trusts nothing it receives, and the extension host checks its page by the same. Pure: no Node.
 */
import * as v from 'valibot';
import { isBase64 } from './rules/base64Text.ts';
import { mostRulePages } from './rules/faultRule.ts';
import { isHitCondition, isRangeText } from './rules/ruleText.ts';

/** pid_max is at most 2^22; descriptors, ids and counts fit 31 bits. */
const positive = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0x7fffffff));
const descriptor = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0x7fffffff));
const base64 = v.pipe(v.string(), v.minLength(1, 'no bytes'), v.check(isBase64, 'not base64'));
const faultIds = v.pipe(
  v.array(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0xffffffff))),
  v.minLength(1, 'no fault'),
);

const hex = v.pipe(v.string(), v.regex(/^0x[0-9a-f]{1,16}$/, 'not a hex address such as 0x7f0000001000'));
const offset = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 52));
const file = v.strictObject({ fileId: positive });

const pageSource = v.variant('kind', [
  v.strictObject({
    kind: v.literal('fill'),
    byte: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255)),
  }),
  v.strictObject({ kind: v.literal('pattern'), bytes: base64 }),
  v.strictObject({ kind: v.literal('bytes'), bytes: base64 }),
  v.strictObject({ kind: v.literal('file'), file, offsetBytes: offset }),
  v.strictObject({ kind: v.literal('image'), file, base: hex }),
  v.strictObject({ kind: v.literal('target'), address: hex }),
]);

const dontWake = v.boolean();
const servingAction = v.variant('ioctl', [
  v.strictObject({ ioctl: v.literal('copy'), source: pageSource, dontWake, wp: v.boolean() }),
  v.strictObject({ ioctl: v.picklist(['zeropage', 'poison']), dontWake }),
  v.strictObject({ ioctl: v.literal('continue'), dontWake, wp: v.boolean() }),
  v.strictObject({ ioctl: v.literal('writeprotect'), protect: v.boolean(), dontWake }),
]);
const action = v.variant('ioctl', [
  ...servingAction.options,
  v.strictObject({ ioctl: v.literal('move'), source: hex, dontWake, allowHoles: v.boolean() }),
]);

const pages = v.pipe(v.number(), v.integer(), v.minValue(1, 'at least one page'), v.maxValue(0x7fffffff));
const range = { start: hex, lengthBytes: offset };
const pagesOfFaults = v.strictObject({ faultIds });
const pagesOfRange = v.strictObject(range);
const what = v.lazy((input) => (hasKey(input, 'faultIds') ? pagesOfFaults : pagesOfRange));
const progressToken = v.exactOptional(v.string());
/** Most bytes shown at once. */
const shownBytes = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_536));

/** What an argument, a path or a variable can hold. */
const text = v.pipe(
  v.string(),
  v.check((value) => !value.includes('\0'), 'has a NUL character'),
);

function hasKey(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && key in value;
}

const rule = v.strictObject({
  name: v.string(),
  isEnabled: v.boolean(),
  match: v.strictObject({
    ranges: v.exactOptional(
      v.array(v.pipe(v.string(), v.check(isRangeText, 'not a range such as 0x7f0000000000-0x7f0000001000'))),
    ),
    kinds: v.exactOptional(v.array(v.picklist(['missing', 'wp', 'minor']))),
    thread: v.exactOptional(v.union([positive, v.pipe(v.string(), v.minLength(1))])),
    hitCondition: v.exactOptional(
      v.pipe(v.string(), v.check(isHitCondition, 'not a hit condition such as 5, >= 5 or % 5')),
    ),
  }),
  action: v.variant('do', [
    v.strictObject({ do: v.picklist(['hold', 'log', 'wake']) }),
    v.strictObject({
      do: v.literal('resolve'),
      action: servingAction,
      lengthPages: v.pipe(pages, v.maxValue(mostRulePages)),
      around: v.boolean(),
    }),
  ]),
  delayMs: v.pipe(v.number(), v.minValue(0), v.maxValue(86_400_000)),
});

/** Schemas by request. */
export const schemas = {
  processList: v.object({ partialResultToken: v.optional(v.string()) }),
  attach: v.strictObject({
    pid: positive,
    fd: v.exactOptional(descriptor),
    rules: v.exactOptional(v.array(rule)),
    freeze: v.exactOptional(v.boolean()),
  }),
  session: v.strictObject({ sessionId: positive }),
  rowsAcknowledged: v.strictObject({
    sessionId: positive,
    lastSequence: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  }),
  detach: v.strictObject({ sessionId: positive, closesLast: v.exactOptional(v.boolean()) }),
  resolve: v.strictObject({
    sessionId: positive,
    what,
    action,
    lengthPages: pages,
    around: v.boolean(),
    progressToken,
  }),
  wake: v.strictObject({ sessionId: positive, what, progressToken }),
  register: v.strictObject({
    sessionId: positive,
    ...range,
    modes: v.array(v.picklist(['MISSING', 'WP', 'MINOR'])),
  }),
  preflight: v.strictObject({ sessionId: positive, what }),
  preview: v.strictObject({ sessionId: positive, source: pageSource, address: hex, lengthBytes: shownBytes }),
  readMemory: v.strictObject({ sessionId: positive, address: hex, lengthBytes: shownBytes }),
  setRules: v.strictObject({ sessionId: positive, rules: v.array(rule) }),
  inspect: v.strictObject({ pid: v.exactOptional(positive) }),
  inspectWake: v.strictObject({
    pid: positive,
    fd: descriptor,
    inode: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  }),
  program: v.strictObject({
    program: v.pipe(text, v.minLength(1, 'no program')),
    args: v.array(text),
    cwd: v.pipe(text, v.startsWith('/', 'not an absolute path')),
    env: v.record(v.pipe(text, v.regex(/^[^=]+$/, 'not the name of a variable')), text),
  }),
  launchAttach: v.strictObject({ launchId: positive, rules: v.exactOptional(v.array(rule)) }),
  launchStop: v.strictObject({ launchId: positive, force: v.boolean() }),
  doctor: v.strictObject({ pid: v.exactOptional(positive) }),
  /** The client's answer to `file/read`; an empty text is no bytes. */
  fileBytes: v.strictObject({ bytes: v.union([v.literal(''), base64]) }),
} as const;
