/** One question of a command. Its answer is undefined when the user left it, which ends the command. */
import * as vscode from 'vscode';

/** The timeline can take the focus between two questions; that must not end the command. */
const ignoreFocusOut = true;

export function pick<Item extends vscode.QuickPickItem>(
  title: string,
  placeHolder: string,
  items: readonly Item[],
): Thenable<Item | undefined> {
  return vscode.window.showQuickPick(items, { title, placeHolder, ignoreFocusOut, matchOnDescription: true });
}

/**
 * Asks for a text that `parse` understands.
 * @param parse the text's meaning, or a sentence that says what is wrong with it
 */
export async function type<Value extends object | number | bigint>(
  title: string,
  prompt: string,
  value: string,
  parse: (text: string) => Value | string,
): Promise<Value | undefined> {
  const text = await vscode.window.showInputBox({
    title,
    prompt,
    value,
    ignoreFocusOut,
    validateInput: (typed) => {
      const parsed = parse(typed);
      return typeof parsed === 'string' ? parsed : undefined;
    },
  });
  const parsed = text === undefined ? undefined : parse(text);
  return typeof parsed === 'string' ? undefined : parsed;
}
