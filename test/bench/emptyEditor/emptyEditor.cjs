/** Opens any file as a page whose script shows one element. */
const vscode = require('vscode');

exports.activate = function activate(context) {
  context.subscriptions.push(
    vscode.commands.registerCommand('uffd.empty.nothing', () => undefined),
    vscode.window.registerCustomEditorProvider('uffd.empty', {
      openCustomDocument: (uri) => ({ uri, dispose: () => undefined }),
      resolveCustomEditor: (_document, { webview }) => {
        webview.options = { enableScripts: true };
        webview.html = `<!DOCTYPE html><html><body><script>
          document.body.append(Object.assign(document.createElement('p'), { id: 'shown', textContent: 'shown' }));
        </script></body></html>`;
      },
    }),
  );
};
