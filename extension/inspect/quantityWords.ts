/** Sizes and times of the tree, short. Pure: no VS Code. */

const sizeUnits = ['KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `16 KiB`, `1.5 GiB`: of a whole number of pages. */
export function sizeWords(lengthBytes: number): string {
  let value = lengthBytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < sizeUnits.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${Number(value.toFixed(1))} ${sizeUnits[unit]!}`;
}

/** `0.3 s`, `12 s`, `5 min`, `3 h`: the longer, the coarser, so that a row does not change for nothing. */
export function sleepWords(timeNs: number): string {
  const seconds = timeNs / 1e9;
  if (seconds < 60) {
    return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  }
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
}
