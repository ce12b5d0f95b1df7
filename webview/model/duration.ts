/** Times, durations and sizes in words. */

const units = [
  { name: 'ns', ns: 1 },
  { name: 'µs', ns: 1e3 },
  { name: 'ms', ns: 1e6 },
  { name: 's', ns: 1e9 },
] as const;

/** Largest unit that is not longer than `ns`. */
function unitFor(ns: number): (typeof units)[number] {
  return units.findLast((unit) => ns >= unit.ns) ?? units[0];
}

/** A duration to three digits: `640 ns`, `1.28 ms`, `42.0 s`, `3 min 05 s`. */
export function formatDuration(ns: number): string {
  if (ns < 0) {
    return `-${formatDuration(-ns)}`;
  }
  const rounded = ns < 1 ? Math.round(ns) : Number(ns.toPrecision(3));
  if (rounded >= 60e9) {
    return formatMinutes(Math.round(ns / 1e9));
  }
  const unit = unitFor(rounded);
  const value = rounded / unit.ns;
  if (unit.ns === 1) {
    return `${Math.round(value)} ns`;
  }
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  return `${value.toFixed(digits)} ${unit.name}`;
}

function formatMinutes(seconds: number): string {
  const twoDigits = (n: number): string => String(n).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours} h ${twoDigits(minutes)} min` : `${minutes} min ${twoDigits(seconds % 60)} s`;
}

/** A moment since the start of the oldest session to the nanosecond: `12.345 678 901 s`. */
export function formatMoment(ns: number): string {
  return `${grouped(ns / 1e9, 9)} s`;
}

/** A moment as an axis label: unit by the largest time shown, digits by the step between labels. */
export function formatTick(ns: number, stepNs: number, largestNs: number): string {
  const unit = unitFor(Math.max(largestNs, stepNs));
  const decimals = Math.max(0, Math.ceil(Math.log10(unit.ns / stepNs) - 1e-9));
  return `${grouped(ns / unit.ns, decimals)} ${unit.name}`;
}

/** A number with narrow spaces between groups of three digits, before and behind the point. */
function grouped(value: number, decimals: number): string {
  const [whole = '', fraction] = value.toFixed(decimals).split('.');
  const groupedWhole = whole.replace(/\B(?=(\d{3})+$)/g, '\u202f');
  return fraction === undefined
    ? groupedWhole
    : `${groupedWhole}.${fraction.replace(/(\d{3})\B/g, '$1\u202f')}`;
}

/** A count with narrow spaces between groups of three digits. */
export function inGroups(count: number): string {
  return grouped(count, 0);
}

const byteUnits = ['GiB', 'MiB', 'KiB'] as const;

/** A size in the largest unit that divides it: `4 KiB`, `16 MiB`, `1000 bytes`. */
export function formatBytes(bytes: number): string {
  const found = byteUnits.findIndex((_, n) => bytes > 0 && bytes % 1024 ** (3 - n) === 0);
  return found === -1 ? `${bytes} bytes` : `${bytes / 1024 ** (3 - found)} ${byteUnits[found]!}`;
}
