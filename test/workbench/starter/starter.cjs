/**
 * Attaches the debugger to the target of `npm start` as soon as a window is open.
 *
 * UFFD_START is `{ target: { pid, fd? }, ownerFile }`. The owner file holds the process id of the
 * extension host that attached, because a second window must not attach again.
 */
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const { setTimeout: delay } = require('node:timers/promises');
const vscode = require('vscode');

/** After a reload, the extension host of the window before the reload needs a moment to end. */
const longestReloadMs = 10_000;

exports.activate = async function activate() {
  const { target, ownerFile } = JSON.parse(process.env.UFFD_START);
  if (!existsSync(`/proc/${target.pid}`)) {
    void vscode.window.showWarningMessage(`The target of npm start, process ${target.pid}, has ended.`);
    return;
  }
  const deadlineMs = Date.now() + longestReloadMs;
  while (isOwnedByOther(ownerFile)) {
    if (Date.now() > deadlineMs) {
      void vscode.window.showInformationMessage(
        `Another window of npm start is attached to process ${target.pid}.`,
      );
      return;
    }
    await delay(100);
  }
  writeFileSync(ownerFile, String(process.pid));
  await vscode.commands.executeCommand('uffd.showTimeline');
  await vscode.commands.executeCommand('uffd.attachToProcess', target);
};

function isOwnedByOther(ownerFile) {
  const owner = existsSync(ownerFile) ? readFileSync(ownerFile, 'utf8') : '';
  return owner !== '' && owner !== String(process.pid) && existsSync(`/proc/${owner}`);
}
