/** What tests of commands need around them: a user, and real targets that are gone afterwards. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TargetProcess } from '../helper/targetProcess.ts';
import { detachIfAttached } from './extensionUnderTest.ts';
import { UserAtKeyboard } from './userAtKeyboard.ts';

export interface TargetsAndUser {
  readonly user: UserAtKeyboard;
  start(program: string, ...options: string[]): Promise<TargetProcess>;
  /** A new file with these contents. */
  file(contents: Uint8Array): string;
}

/** Call inside `describe`. */
export function useTargets(): TargetsAndUser {
  const targets: TargetProcess[] = [];
  let user: UserAtKeyboard;
  let folder: string;
  let files = 0;

  beforeEach(() => {
    user = new UserAtKeyboard();
    folder = mkdtempSync(path.join(tmpdir(), 'uffd-integration-'));
  });
  afterEach(async () => {
    await detachIfAttached();
    await Promise.all(targets.splice(0).map((target) => target.stop()));
    rmSync(folder, { recursive: true });
    user.leave();
  });

  return {
    get user() {
      return user;
    },
    async start(program, ...options) {
      const target = await TargetProcess.start(program, ...options);
      targets.push(target);
      return target;
    },
    file(contents) {
      const file = path.join(folder, `file-${++files}`);
      writeFileSync(file, contents);
      return file;
    },
  };
}
