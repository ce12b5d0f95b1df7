/** A fault’s index and what it mostly was, an index into `mainPhases`, in one number; 0 is none. */
export function codeOf(i: number, phase: number): number {
  return i * 4 + phase + 1;
}

export function indexOfCode(code: number): number {
  return code === 0 ? -1 : Math.floor((code - 1) / 4);
}

export function phaseOfCode(code: number): number {
  return code === 0 ? 0 : (code - 1) % 4;
}
