/** Rules to and from a file, the same that `uffdbg serve --rules` takes. */
import path from 'node:path';
import * as vscode from 'vscode';
import { formatRules, parseRules } from '../../native-helper/rules/parseRules.ts';
import type { FilePath, WrittenRule } from '../../native-helper/rules/ruleSchema.ts';
import { rulesFileRefused, rulesImported } from '../messages/ruleMessages.ts';
import { showMessage } from '../messages/userMessage.ts';
import type { RuleStore } from './ruleStore.ts';

const filters = { JSON: ['json', 'jsonc'] };

/** Replaces the rules by those of a file; a file with a problem changes nothing. */
export async function importRules(store: RuleStore): Promise<void> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Import Fault Rules'),
      openLabel: vscode.l10n.t('Import'),
      filters,
    })) ?? [];
  if (uri === undefined) {
    return;
  }
  const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  const parsed = parseRules(text);
  if ('problems' in parsed) {
    showMessage(rulesFileRefused(uri.fsPath, parsed.problems, (line) => void openAt(uri, line)));
    return;
  }
  store.setAll(parsed.rules.map((rule) => withAbsolutePath(rule, path.dirname(uri.fsPath))));
  showMessage(rulesImported(uri.fsPath, parsed.rules.length));
}

export async function exportRules(store: RuleStore): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const uri = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Export Fault Rules'),
    saveLabel: vscode.l10n.t('Export'),
    filters,
    ...(folder && { defaultUri: vscode.Uri.joinPath(folder, 'rules.json') }),
  });
  if (uri !== undefined) {
    const text = formatRules(store.rules.map(({ rule }) => rule));
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  }
}

async function openAt(uri: vscode.Uri, line: number): Promise<void> {
  const place = new vscode.Position(line - 1, 0);
  await vscode.window.showTextDocument(uri, { selection: new vscode.Range(place, place) });
}

/** A relative path in a rules file starts at the file's folder. */
function withAbsolutePath(rule: WrittenRule, folder: string): WrittenRule {
  if (rule.action.do !== 'resolve' || rule.action.action.ioctl !== 'copy') {
    return rule;
  }
  const { source } = rule.action.action;
  if (!('file' in source)) {
    return rule;
  }
  const file: FilePath = { path: path.resolve(folder, source.file.path) };
  return {
    ...rule,
    action: { ...rule.action, action: { ...rule.action.action, source: { ...source, file } } },
  };
}
