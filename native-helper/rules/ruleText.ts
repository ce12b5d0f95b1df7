/** The two conditions of a rule that are written as text: address ranges and hit conditions. Pure. */

/** An address range, end exclusive. */
export interface AddressRange {
  readonly start: bigint;
  readonly end: bigint;
}

const rangePattern = /^(0x[0-9a-f]{1,16})-(0x[0-9a-f]{1,16})$/i;

/** `0x7f0000000000-0x7f0000100000` as a range; undefined when it is no such text or has no byte. */
export function parseRangeText(text: string): AddressRange | undefined {
  const [, startText, endText] = rangePattern.exec(text) ?? [];
  if (startText === undefined || endText === undefined) {
    return undefined;
  }
  const [start, end] = [BigInt(startText), BigInt(endText)];
  return start < end ? { start, end } : undefined;
}

export function isRangeText(text: string): boolean {
  return parseRangeText(text) !== undefined;
}

/** Whether a byte is in both. */
export function overlap(a: AddressRange, b: AddressRange): boolean {
  return a.start < b.end && b.start < a.end;
}

/** Which hits of a rule count, by their number from 1. */
export interface HitCondition {
  readonly operator: '==' | '>' | '>=' | '<' | '<=' | '%';
  readonly count: number;
}

const hitPattern = /^\s*(==|>=|<=|>|<|%)?\s*([0-9]{1,9})\s*$/;

/** `5`, `== 5`, `>= 5`, `% 5` and so on; undefined when it is no such text or no hit can meet it. */
export function parseHitCondition(text: string): HitCondition | undefined {
  const match = hitPattern.exec(text);
  if (match === null) {
    return undefined;
  }
  const operator = (match[1] ?? '==') as HitCondition['operator'];
  const count = Number(match[2]);
  const least = operator === '>' || operator === '>=' ? 0 : operator === '<' ? 2 : 1;
  return count >= least ? { operator, count } : undefined;
}

export function isHitCondition(text: string): boolean {
  return parseHitCondition(text) !== undefined;
}

/** Whether hit number `hit`, from 1, is one that counts. */
export function meetsHitCondition({ operator, count }: HitCondition, hit: number): boolean {
  switch (operator) {
    case '==':
      return hit === count;
    case '>':
      return hit > count;
    case '>=':
      return hit >= count;
    case '<':
      return hit < count;
    case '<=':
      return hit <= count;
    case '%':
      return hit % count === 0;
  }
}
