import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeTemporaryFolder } from './temporaryFolder.ts';

const readme = `# Userfaultfd Debugger

The timeline shows every page fault of the attached process. Select a held one
and resolve it: its thread goes on. The palette has all commands: Userfaultfd.
`;

/** A fresh folder for VS Code to open, removed when this process ends. */
export async function makeDemoWorkspace(): Promise<string> {
  const folder = await makeTemporaryFolder('workspace');
  await writeFile(path.join(folder.path, 'README.md'), readme);
  return folder.path;
}
