/** Which file a launched program is: what a shell would run, checked before anything is started. */
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { programNotStarted } from '../helperErrors.ts';
import type { ProgramDto } from '../protocol/launch.ts';

/** Absolute path of the program. @throws HelperError programNotStarted */
export function findProgram({ program, cwd, env }: ProgramDto): string {
  if (!isFolder(cwd)) {
    throw programNotStarted(program, `there is no folder ${cwd} to start it in`, 'cwd');
  }
  if (program.includes('/')) {
    const file = path.resolve(cwd, program);
    const obstacle = obstacleTo(file);
    if (obstacle !== undefined) {
      throw programNotStarted(program, obstacle, 'program');
    }
    return file;
  }
  const folders = (env['PATH'] ?? '').split(':').map((folder) => path.resolve(cwd, folder));
  const found = folders
    .map((folder) => path.join(folder, program))
    .find((file) => obstacleTo(file) === undefined);
  if (found === undefined) {
    throw programNotStarted(
      program,
      'no folder of PATH has it; give its path, with a slash in it, such as ./program',
      'program',
    );
  }
  return found;
}

function isFolder(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Why a file cannot be run, or undefined. */
function obstacleTo(file: string): string | undefined {
  try {
    if (!statSync(file).isFile()) {
      return `${file} is not a file`;
    }
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES'
      ? `${file} is in a folder that you may not enter (EACCES)`
      : `there is no file ${file}`;
  }
  try {
    accessSync(file, constants.X_OK);
    return undefined;
  } catch {
    return `you may not execute ${file} (EACCES): it needs the x permission, see chmod(1)`;
  }
}
