import { chown, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { readCommand } from '../workbench/childProcess.ts';
import { compileTargets } from '../workbench/compileTargets.ts';
import { rootFolder } from '../workbench/paths.ts';
import { makeTemporaryFolder } from '../workbench/temporaryFolder.ts';
import { nodeProgram, runMochaProcess, runMochaRing } from './mochaRing.ts';
import { skipped, type RingResult } from './ringResult.ts';

/** uid and gid of `nobody`, an ordinary user that every system has. */
const nobody = 65534;

/** Runs the command behind it as `nobody`. */
const asNobody = ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', '--'];

/** The helper against real targets, as root. */
export async function runHelperRingAsRoot(): Promise<RingResult> {
  if (process.getuid?.() !== 0) {
    return skipped('not root: run  sudo env "PATH=$PATH" npm test  to test what only root may do.');
  }
  await compileTargets();
  // Some of its tests start programs of the checkout as nobody.
  return withReachableCheckout(({ home, ...checkout }) =>
    runMochaProcess('helper', { ...checkout, resultsFolder: home }),
  );
}

/**
 * The helper against real targets, as an ordinary user: as ourselves, or as `nobody` when we are root.
 * Then the root ring has run what is the same for any user, and takes long.
 */
export async function runHelperRingAsUser(): Promise<RingResult> {
  await compileTargets();
  if (process.getuid?.() !== 0) {
    return runMochaRing('helper');
  }
  return withReachableCheckout(({ home, root, wrapper }) => {
    const env = { HOME: home, TMPDIR: home, USER: 'nobody', LOGNAME: 'nobody' };
    return runMochaProcess('helper', {
      root,
      wrapper: [...wrapper, ...asNobody],
      resultsFolder: home,
      env,
      without: 'anyUser',
    });
  });
}

interface ReachableCheckout {
  /** The checkout, as the wrapped process sees it. */
  readonly root: string;
  readonly wrapper: readonly string[];
  /** A fresh folder of nobody's. */
  readonly home: string;
}

/**
 * Calls `run` with a checkout that `nobody` can read. One that others cannot reach (below /root,
 * for instance) is shown to the wrapped process by a bind mount that nobody else sees.
 */
async function withReachableCheckout(
  run: (checkout: ReachableCheckout) => Promise<RingResult>,
): Promise<RingResult> {
  const folder = await makeTemporaryFolder('nobody');
  const home = path.join(folder.path, 'home');
  const mountPoint = path.join(folder.path, 'checkout');
  const mount = 'mount --bind "$1" "$2" && cd "$2" && shift 2 && exec "$@"';
  const mounting = ['unshare', '--mount', 'sh', '-c', mount, 'sh', rootFolder, mountPoint];
  const ways: readonly ReachableCheckout[] = [
    { root: rootFolder, wrapper: [], home },
    { root: mountPoint, wrapper: mounting, home },
  ];
  try {
    await mkdir(home);
    await mkdir(mountPoint);
    await chown(folder.path, nobody, nobody);
    await chown(home, nobody, nobody);
    for (const way of ways) {
      if (await canNobodyRun(way)) {
        return await run(way);
      }
    }
    return skipped(`the user nobody cannot read ${rootFolder}: clone it with umask 022 to run this ring.`);
  } finally {
    await folder.remove();
  }
}

/** Whether nobody can run the Node and read the sources of a checkout. */
async function canNobodyRun({ root, wrapper }: ReachableCheckout): Promise<boolean> {
  const check = ['test', '-x', path.join(root, nodeProgram), '-a', '-r', path.join(root, 'package.json')];
  const [command, ...args] = [...wrapper, ...asNobody, ...check];
  return (await readCommand(command!, args)).exitCode === 0;
}
