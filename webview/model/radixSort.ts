/** Sorting by numbers in slices of time: a million keys without stopping the page. */

const digitBits = 16;
const digits = 1 << digitBits;
/** Keys handled between two yields; well under a millisecond of work. */
const sliceLength = 0x8000;

/**
 * The order that sorts `keys` ascending, equal keys in the order they are in; NaN is not
 * allowed. A generator: it yields so that its caller may stop for a while.
 * @returns indexes into `keys`
 */
export function* sortedOrder(keys: Float64Array): Generator<undefined, Uint32Array, undefined> {
  const count = keys.length;
  const words = yield* orderedWords(keys);
  let order = new Uint32Array(count);
  for (let n = 0; n < count; n++) {
    order[n] = n;
  }
  let next = new Uint32Array(count);
  for (const [word, shift] of [
    [0, 0],
    [0, 16],
    [1, 0],
    [1, 16],
  ] as const) {
    const starts = yield* digitStarts(words, word, shift);
    if (starts === undefined) {
      continue;
    }
    for (let from = 0; from < count; from += sliceLength) {
      const until = Math.min(count, from + sliceLength);
      for (let n = from; n < until; n++) {
        const i = order[n]!;
        next[starts[(words[2 * i + word]! >>> shift) & (digits - 1)]!++] = i;
      }
      yield;
    }
    [order, next] = [next, order];
  }
  return order;
}

/** The keys as pairs of words, low one first, that as unsigned 64-bit integers sort as the keys do. */
function* orderedWords(keys: Float64Array): Generator<undefined, Uint32Array, undefined> {
  const bits = new Uint32Array(keys.buffer, keys.byteOffset, 2 * keys.length);
  const words = new Uint32Array(bits.length);
  for (let from = 0; from < keys.length; from += sliceLength) {
    const until = Math.min(keys.length, from + sliceLength);
    for (let i = from; i < until; i++) {
      const low = bits[2 * i]!;
      const high = bits[2 * i + 1]!;
      const isNegative = high >>> 31 === 1;
      words[2 * i] = isNegative ? ~low : low;
      words[2 * i + 1] = isNegative ? ~high : high ^ 0x80000000;
    }
    yield;
  }
  return words;
}

/** Where each digit's keys begin; undefined when all keys have the same digit. */
function* digitStarts(
  words: Uint32Array,
  word: 0 | 1,
  shift: 0 | 16,
): Generator<undefined, Uint32Array | undefined, undefined> {
  const count = words.length / 2;
  const starts = new Uint32Array(digits);
  for (let from = 0; from < count; from += sliceLength) {
    const until = Math.min(count, from + sliceLength);
    for (let i = from; i < until; i++) {
      const digit = (words[2 * i + word]! >>> shift) & (digits - 1);
      starts[digit]!++;
    }
    yield;
  }
  let start = 0;
  for (let digit = 0; digit < digits; digit++) {
    const length = starts[digit]!;
    if (length === count) {
      return undefined;
    }
    starts[digit] = start;
    start += length;
  }
  return starts;
}
