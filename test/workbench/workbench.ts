/** What VS Code is opened with. */
export interface WorkbenchRequest {
  readonly workspaceFolder: string;
  readonly extensionFolders: readonly string[];
  /** Added to the environment, which the extension host inherits. */
  readonly env: Readonly<Record<string, string>>;
}

/** A VS Code that was opened for a person. */
export interface OpenWorkbench {
  /** Where a browser finds it; null for the desktop. */
  readonly address: string | null;
  /** Resolves when it ended by itself. */
  readonly closed: Promise<number>;
}
