/** Puts a message into the user's language: vscode.l10n.t, for files that import no VS Code. */
export type Words = (message: string, ...args: (string | number)[]) => string;
