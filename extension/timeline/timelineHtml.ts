/** The timeline page's HTML with its content security policy. Pure: no VS Code. */

export interface TimelinePage {
  /** Fresh random text, base64url. */
  readonly nonce: string;
  /** The webview's own source for the policy. */
  readonly cspSource: string;
  readonly scriptUri: string;
  readonly styleUri: string;
  readonly codiconUri: string;
  readonly title: string;
  /** The page's root element: the timeline, or the live strip. */
  readonly root?: 'uffd-timeline' | 'uffd-strip';
  /** What the wheel does in the timeline. */
  readonly wheel?: 'modern' | 'classic';
}

export function timelineHtml(page: TimelinePage): string {
  const root = page.root ?? 'uffd-timeline';
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${page.nonce}'`,
    `style-src ${page.cspSource}`,
    `font-src ${page.cspSource}`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${attribute(policy)}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <link rel="stylesheet" id="vscode-codicon-stylesheet" href="${attribute(page.codiconUri)}" />
    <link rel="stylesheet" href="${attribute(page.styleUri)}" />
    <title>${attribute(page.title)}</title>
  </head>
  <body>
    <${root}${page.wheel === undefined ? '' : ` data-wheel="${page.wheel}"`}></${root}>
    <script nonce="${attribute(page.nonce)}" src="${attribute(page.scriptUri)}"></script>
  </body>
</html>
`;
}

function attribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
