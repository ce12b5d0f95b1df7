/** What is shown in place of a timeline when nothing of a file can be. Pure: no VS Code. */

export function unreadableHtml(path: string, text: string): string {
  return `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'" />
    <title>Userfaultfd Trace</title>
  </head>
  <body>
    <main role="alert">
      <h2>This trace cannot be shown</h2>
      <p>${escaped(text)}</p>
      <p><code>${escaped(path)}</code></p>
    </main>
  </body>
</html>
`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
