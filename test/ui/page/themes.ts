/** The variables that VS Code's own themes give a webview, as far as the timeline uses them. */

export type ThemeName = 'dark' | 'light' | 'highContrast' | 'highContrastLight';

export function bodyClass(theme: ThemeName): string {
  return {
    dark: 'vscode-dark',
    light: 'vscode-light',
    highContrast: 'vscode-high-contrast',
    highContrastLight: 'vscode-high-contrast vscode-high-contrast-light',
  }[theme];
}

const fonts = {
  'font-family': "system-ui, 'Ubuntu', 'Droid Sans', sans-serif",
  'font-size': '13px',
  'font-weight': 'normal',
  'editor-font-family': "'Droid Sans Mono', monospace",
};

const dark = {
  ...fonts,
  foreground: '#cccccc',
  'editor-background': '#1f1f1f',
  'editor-foreground': '#cccccc',
  descriptionForeground: '#9d9d9d',
  errorForeground: '#f85149',
  focusBorder: '#0078d4',
  'panel-border': '#2b2b2b',
  'sideBar-background': '#181818',
  'charts-blue': '#59a4f9',
  'charts-green': '#89d185',
  'charts-purple': '#b180d7',
  'charts-yellow': '#cca700',
  'charts-red': '#f14c4c',
  'button-background': '#0078d4',
  'button-foreground': '#ffffff',
  'button-border': '#ffffff12',
  'button-hoverBackground': '#026ec1',
  'button-secondaryBackground': '#313131',
  'button-secondaryForeground': '#cccccc',
  'button-secondaryHoverBackground': '#3c3c3c',
  'input-background': '#313131',
  'input-foreground': '#cccccc',
  'input-border': '#3c3c3c',
  'dropdown-background': '#313131',
  'dropdown-foreground': '#cccccc',
  'dropdown-border': '#3c3c3c',
  'checkbox-background': '#313131',
  'checkbox-foreground': '#cccccc',
  'checkbox-border': '#3c3c3c',
  'icon-foreground': '#cccccc',
  'toolbar-hoverBackground': '#5a5d5e50',
  'list-hoverBackground': '#2a2d2e',
  'list-activeSelectionBackground': '#04395e',
  'list-activeSelectionForeground': '#ffffff',
  'list-inactiveSelectionBackground': '#37373d',
  'inputOption-activeBackground': '#2489db82',
  'inputOption-activeBorder': '#2488db',
  'charts-orange': '#d18616',
  'editorHoverWidget-background': '#202020',
  'editorHoverWidget-foreground': '#cccccc',
  'editorHoverWidget-border': '#454545',
  'editorWidget-background': '#202020',
  'editorWidget-foreground': '#cccccc',
  'editorWidget-border': '#313131',
  'widget-shadow': '#0000005c',
  'keybindingLabel-background': '#8080802b',
  'keybindingLabel-foreground': '#cccccc',
  'keybindingLabel-border': '#33333399',
  'inputValidation-errorBackground': '#5a1d1d',
  'inputValidation-errorBorder': '#be1100',
  'inputValidation-warningBackground': '#352a05',
  'inputValidation-warningBorder': '#b89500',
  'textLink-foreground': '#4daafc',
  'progressBar-background': '#0078d4',
  'input-placeholderForeground': '#989898',
  'scrollbarSlider-background': '#79797966',
};

const light = {
  ...dark,
  foreground: '#3b3b3b',
  'editor-background': '#ffffff',
  'editor-foreground': '#3b3b3b',
  descriptionForeground: '#3b3b3b',
  focusBorder: '#005fb8',
  'panel-border': '#e5e5e5',
  'sideBar-background': '#f8f8f8',
  'charts-blue': '#0063d3',
  'charts-green': '#388a34',
  'charts-purple': '#652d90',
  'charts-yellow': '#bf8803',
  'charts-red': '#e51400',
  'button-background': '#005fb8',
  'button-border': '#0000001a',
  'button-secondaryBackground': '#e5e5e5',
  'button-secondaryForeground': '#3b3b3b',
  'button-secondaryHoverBackground': '#cccccc',
  'input-background': '#ffffff',
  'input-foreground': '#3b3b3b',
  'input-border': '#cecece',
  'dropdown-background': '#ffffff',
  'dropdown-foreground': '#3b3b3b',
  'dropdown-border': '#cecece',
  'checkbox-background': '#f8f8f8',
  'list-hoverBackground': '#f2f2f2',
  'list-activeSelectionBackground': '#e8e8e8',
  'list-activeSelectionForeground': '#000000',
  'list-inactiveSelectionBackground': '#e4e6f1',
  'inputOption-activeBackground': '#bed6ed',
  'inputOption-activeBorder': '#005fb8',
  'checkbox-foreground': '#3b3b3b',
  'checkbox-border': '#cecece',
  'icon-foreground': '#3b3b3b',
  'editorHoverWidget-background': '#f8f8f8',
  'editorHoverWidget-foreground': '#3b3b3b',
  'editorHoverWidget-border': '#c8c8c8',
  'editorWidget-background': '#f8f8f8',
  'editorWidget-foreground': '#3b3b3b',
  'editorWidget-border': '#e5e5e5',
  'widget-shadow': '#00000029',
  'keybindingLabel-foreground': '#3b3b3b',
  'keybindingLabel-border': '#cccccc66',
  'inputValidation-errorBackground': '#f2dede',
  'inputValidation-warningBackground': '#f6f5d2',
  'textLink-foreground': '#005fb8',
  'input-placeholderForeground': '#767676',
};

/** High contrast: every area the background, every border the foreground's contrast colour. */
function highContrast(colours: { ink: string; paper: string; border: string; active: string }) {
  const areas = Object.entries(dark).map(([name, value]): [string, string] => [
    name,
    /background/i.test(name)
      ? colours.paper
      : /border/i.test(name)
        ? colours.border
        : /foreground/i.test(name)
          ? colours.ink
          : value,
  ]);
  return {
    ...Object.fromEntries(areas),
    contrastBorder: colours.border,
    contrastActiveBorder: colours.active,
    'progressBar-background': colours.border,
    focusBorder: colours.active,
  };
}

export function themeVariables(theme: ThemeName): Readonly<Record<string, string>> {
  switch (theme) {
    case 'dark':
      return dark;
    case 'light':
      return light;
    case 'highContrast':
      return {
        ...highContrast({
          ink: '#ffffff',
          paper: '#000000',
          border: '#6fc3df',
          active: '#f38518',
        }),
        errorForeground: '#f48771',
      };
    case 'highContrastLight':
      return {
        ...highContrast({
          ink: '#292929',
          paper: '#ffffff',
          border: '#0f4a85',
          active: '#006bbd',
        }),
        errorForeground: '#b5200d',
        'charts-blue': '#0063d3',
        'charts-green': '#374e06',
        'charts-purple': '#652d90',
        'charts-yellow': '#895503',
      };
  }
}
