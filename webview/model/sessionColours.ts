/** Colours that tell sessions apart; each has its number and name beside. */

/**
 * The theme's chart colours that differ from each other in every kind of theme; red comes last,
 * for it means held. Variables are `--vscode-charts-…`.
 */
export const chartColours = ['blue', 'purple', 'yellow', 'green', 'red'] as const;

/** Place in `chartColours` of a session's colour: they begin anew when there are more sessions. */
export function placeOfColour(colour: number): number {
  return colour % chartColours.length;
}
