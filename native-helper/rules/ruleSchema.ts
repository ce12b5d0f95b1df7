/**
 * The form of a rule in a rules file. It is `FaultRule`, with defaults for what people may
 * leave out, and with sentences for what is wrong. Pure.
 */
import * as v from 'valibot';
import { isBase64 } from './base64Text.ts';
import { mostRulePages, type FaultRule } from './faultRule.ts';
import { isHitCondition, isRangeText } from './ruleText.ts';

/** How people name a file; a relative path starts at the rules file's folder. */
export interface FilePath {
  readonly path: string;
}
export type WrittenRule = FaultRule<FilePath>;

const maxInteger = 0x7fffffff;

/** An object with these keys and no others. */
function form<const Entries extends v.ObjectEntries>(entries: Entries) {
  const keys = Object.keys(entries).join(', ');
  return v.strictObject(entries, ({ expected, received }) =>
    expected === 'never'
      ? `is no key here; there are ${keys}`
      : received === 'undefined'
        ? 'is missing'
        : `must be an object with ${keys}`,
  );
}

/** What a variant's key must say. */
function oneOf({ expected, received }: v.VariantIssue): string {
  if (received === '"move"') {
    return 'is no ioctl for a rule: move runs inside a frozen thread of the target, and only by hand';
  }
  return expected === 'Object'
    ? 'must be an object'
    : `must be ${expected.replace(/[()]/g, '').replaceAll(' | ', ', ')}`;
}

function wholeNumber(least: number, most: number) {
  const text = `must be a whole number from ${least} to ${most}`;
  return v.pipe(v.number(text), v.integer(text), v.minValue(least, text), v.maxValue(most, text));
}

function list<Item extends v.GenericSchema>(item: Item) {
  const text = 'must be a list';
  return v.pipe(
    v.array(item, text),
    v.minLength(1, 'is empty, so no fault could match; leave it out to match every fault'),
  );
}

const flag = v.optional(v.boolean('must be true or false'), false);
const hex = v.pipe(
  v.string('must be a hex address in quotes, such as "0x7f0000001000"'),
  v.regex(/^0x[0-9a-f]{1,16}$/i, 'must be a hex address such as 0x7f0000001000'),
  v.toLowerCase(),
);
const base64 = v.pipe(
  v.string('must be bytes in base64, in quotes'),
  v.check((text) => text !== '' && isBase64(text), 'must be at least one byte, in base64'),
);
const file = form({
  path: v.pipe(v.string('must be a path in quotes'), v.minLength(1, 'must be a path; it is empty')),
});

const source = v.variant(
  'kind',
  [
    form({ kind: v.literal('fill'), byte: wholeNumber(0, 255) }),
    form({ kind: v.literal('pattern'), bytes: base64 }),
    form({ kind: v.literal('bytes'), bytes: base64 }),
    form({
      kind: v.literal('file'),
      file,
      offsetBytes: v.optional(wholeNumber(0, 2 ** 52), 0),
    }),
    form({ kind: v.literal('image'), file, base: hex }),
    form({ kind: v.literal('target'), address: hex }),
  ],
  oneOf,
);

const servingAction = v.variant(
  'ioctl',
  [
    form({ ioctl: v.literal('copy'), source, dontWake: flag, wp: flag }),
    form({ ioctl: v.literal('zeropage'), dontWake: flag }),
    form({ ioctl: v.literal('poison'), dontWake: flag }),
    form({ ioctl: v.literal('continue'), dontWake: flag, wp: flag }),
    form({ ioctl: v.literal('writeprotect'), protect: flag, dontWake: flag }),
  ],
  oneOf,
);

const threadText = 'must be a thread id (a whole number from 1) or the name of threads in quotes';

function isThreadId(number: number): boolean {
  return Number.isInteger(number) && number >= 1 && number <= maxInteger;
}

const match = form({
  ranges: v.exactOptional(
    list(
      v.pipe(
        v.string('must be a range in quotes, such as "0x7f0000000000-0x7f0000001000"'),
        v.check(
          isRangeText,
          'must be a range such as 0x7f0000000000-0x7f0000001000, its end after its start',
        ),
      ),
    ),
  ),
  kinds: v.exactOptional(list(v.picklist(['missing', 'wp', 'minor'], 'must be "missing", "wp" or "minor"'))),
  thread: v.exactOptional(
    v.pipe(
      v.union([v.number(), v.string()], threadText),
      v.check((thread) => (typeof thread === 'string' ? thread !== '' : isThreadId(thread)), threadText),
    ),
  ),
  hitCondition: v.exactOptional(
    v.pipe(
      v.string('must be text such as "5", ">= 5" or "% 5"'),
      v.check(isHitCondition, 'must be such as 5, >= 5 or % 5, and some hit must meet it'),
    ),
  ),
});

/** One rule of a file. Left out: name "", isEnabled true, match {}, delayMs 0, and what is false or 1 page. */
export const writtenRule = form({
  name: v.optional(v.string('must be text in quotes'), ''),
  isEnabled: v.optional(v.boolean('must be true or false'), true),
  match: v.optional(match, {}),
  action: v.variant(
    'do',
    [
      form({ do: v.literal('hold') }),
      form({ do: v.literal('log') }),
      form({ do: v.literal('wake') }),
      form({
        do: v.literal('resolve'),
        action: servingAction,
        lengthPages: v.optional(wholeNumber(1, mostRulePages), 1),
        around: flag,
      }),
    ],
    oneOf,
  ),
  delayMs: v.optional(
    v.pipe(
      v.number('must be a number of milliseconds'),
      v.minValue(0, 'must be 0 or more milliseconds'),
      v.maxValue(86_400_000, 'must be at most a day, 86400000 milliseconds'),
    ),
    0,
  ),
}) satisfies v.GenericSchema<unknown, WrittenRule>;

/** A whole rules file. `$schema` is what editors read; it says nothing to us. */
export const rulesFile = form({
  $schema: v.exactOptional(v.string('must be text in quotes')),
  rules: v.array(writtenRule, 'must be a list of rules'),
});
