/** The chart's colours, taken from the VS Code theme so that it looks like the rest of the window. */
import { chartColours } from '../model/sessionColours.ts';

export interface Palette {
  readonly isHighContrast: boolean;
  readonly background: string;
  /** Beside the session: before its start and after the live edge. */
  readonly outside: string;
  readonly foreground: string;
  readonly muted: string;
  readonly grid: string;
  readonly separator: string;
  readonly liveEdge: string;
  readonly selection: string;
  readonly hover: string;
  readonly waiting: Tone;
  readonly held: Tone;
  readonly asleep: Tone;
  readonly superseded: Tone;
  /** A held fault whose thread sleeps now. */
  readonly urgent: Tone;
  /** Colours of pixels as the canvas has them: for each of `mainPhases`, from idle to busy. */
  readonly shades: Uint32Array;
  /** End of a fault that was resolved and woken. */
  readonly woken: string;
  /** Events of the memory map. */
  readonly event: string;
  /** What a search finds, where it is seen from afar. */
  readonly found: string;
  /** Of sessions, by their place in `chartColours`. */
  readonly sessions: readonly string[];
  /** CSS fonts. */
  readonly labelFont: string;
  readonly codeFont: string;
}

/** Shades of a phase's colour in `shades`, and how strong the palest is. */
export const shadeCount = 16;
const palestShade = 0.5;

/** A colour as line and as area. */
export interface Tone {
  readonly line: string;
  /** Area under text; equals the background in high contrast, where pattern and line tell. */
  readonly fill: string;
}

/** Reads the palette from the theme variables on `element`. */
export function readPalette(element: HTMLElement): Palette {
  const style = getComputedStyle(element);
  const foreground = readable(style, ['--vscode-editor-foreground', '--vscode-foreground'], style.color);
  const variable = (...names: string[]): string => readable(style, names, foreground);
  const background = readable(style, ['--vscode-editor-background'], 'Canvas');
  const { classList } = element.ownerDocument.body;
  const isHighContrast =
    classList.contains('vscode-high-contrast') || classList.contains('vscode-high-contrast-light');
  const blend = blender(background);
  const tone = (line: string, share: number): Tone => ({
    line: blend(line, 1),
    fill: isHighContrast ? background : blend(line, share),
  });
  const waiting = tone(variable('--vscode-charts-purple'), 0.4);
  const held = tone(variable('--vscode-charts-blue'), 0.5);
  const asleep = tone(variable('--vscode-charts-yellow', '--vscode-editorWarning-foreground'), 0.42);
  const superseded = tone(variable('--vscode-descriptionForeground'), 0.25);
  const shades = [waiting, held, asleep, superseded].flatMap(({ line }) =>
    Array.from({ length: shadeCount }, (_, n) =>
      pixelOf(blend(line, isHighContrast ? 1 : palestShade + ((1 - palestShade) * n) / (shadeCount - 1))),
    ),
  );
  const separator = isHighContrast ? variable('--vscode-contrastBorder') : blend(foreground, 0.13);
  const sizePx = parseFloat(style.getPropertyValue('--vscode-font-size')) || 13;
  return {
    isHighContrast,
    background,
    outside: isHighContrast ? background : blend(foreground, 0.035),
    foreground,
    muted: variable('--vscode-descriptionForeground'),
    grid: isHighContrast ? blend(foreground, 0.25) : blend(foreground, 0.07),
    separator,
    liveEdge: variable('--vscode-charts-green'),
    selection: isHighContrast
      ? variable('--vscode-contrastActiveBorder', '--vscode-focusBorder')
      : variable('--vscode-focusBorder'),
    hover: foreground,
    waiting,
    held,
    asleep,
    superseded,
    shades: Uint32Array.from(shades),
    urgent: tone(variable('--vscode-errorForeground', '--vscode-charts-red'), 0.28),
    woken: variable('--vscode-charts-green'),
    event: isHighContrast ? foreground : variable('--vscode-charts-orange', '--vscode-charts-yellow'),
    found: variable('--vscode-charts-yellow', '--vscode-editorWarning-foreground'),
    sessions: chartColours.map((name) => variable(`--vscode-charts-${name}`)),
    labelFont: `${sizePx - 1}px ${style.getPropertyValue('--vscode-font-family') || 'sans-serif'}`,
    codeFont: `${sizePx - 2}px ${style.getPropertyValue('--vscode-editor-font-family') || 'monospace'}`,
  };
}

function readable(style: CSSStyleDeclaration, names: readonly string[], otherwise: string): string {
  for (const name of names) {
    const value = style.getPropertyValue(name).trim();
    if (value !== '') {
      return value;
    }
  }
  return otherwise;
}

/** Red, green and blue from 0 to 255, and how opaque, from 0 to 1. */
type Rgba = readonly [red: number, green: number, blue: number, alpha: number];

/** Lays a colour over `background` and gives the opaque result. */
function blender(background: string): (colour: string, share: number) => string {
  const colours = new Map<string, Rgba>();
  const read = colourReader();
  const rgbaOf = (colour: string): Rgba => {
    const rgba = colours.get(colour) ?? read(colour);
    colours.set(colour, rgba);
    return rgba;
  };
  return (colour, share) => {
    const below = rgbaOf(background);
    const [red, green, blue, alpha] = rgbaOf(colour);
    const mixed = [red, green, blue].map((value, n) => {
      const belowValue = below[n]!;
      return Math.round(belowValue + (value - belowValue) * alpha * share);
    });
    return `rgb(${mixed.join(' ')})`;
  };
}

/** Reads any CSS colour: a canvas knows them all. Reading from it is slow, so each colour is to be read once. */
function colourReader(): (colour: string) => Rgba {
  const context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  if (context === null) {
    throw new Error('this browser gave no 2D canvas');
  }
  return (colour) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0, alpha = 255] = context.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
}

/** An opaque colour `rgb(1 2 3)` as a pixel of a canvas. */
function pixelOf(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/\d+/g) ?? []).map(Number);
  return new Uint32Array(Uint8Array.of(red, green, blue, 255).buffer)[0]!;
}

/** Calls `onChange` when the theme changes, which VS Code shows by the body's classes and variables. */
export function watchTheme(onChange: () => void): () => void {
  const observer = new MutationObserver(onChange);
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
  return () => observer.disconnect();
}
