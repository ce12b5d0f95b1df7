/** What the running kernel can do with a uffd: asked of the kernel, by a program of our own. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { targetFolder } from '../workbench/paths.ts';

interface Abilities {
  /** A uffd without O_NONBLOCK can be read without the risk of blocking (RWF_NOWAIT). */
  readonly nowait: boolean;
  /** UFFD_FEATURE_* bits. */
  readonly features: bigint;
}

/** Bits of <linux/userfaultfd.h> that not every kernel has. */
const featureBits = {
  WP_UNPOPULATED: 1n << 13n,
  POISON: 1n << 14n,
  WP_ASYNC: 1n << 15n,
  MOVE: 1n << 16n,
};
export type KernelFeature = keyof typeof featureBits;

let known: Abilities | undefined;

function abilities(): Abilities {
  if (known === undefined) {
    const line = execFileSync(path.join(targetFolder, 'abilities'), { encoding: 'utf8' });
    const { nowait, features } = JSON.parse(line) as { nowait: boolean; features: string };
    known = { nowait, features: BigInt(features) };
  }
  return known;
}

/** What `readsBlockingUffds` says, for `needs`. */
export const readingBlockingUffds = 'preadv2 with RWF_NOWAIT for a uffd, which reading a blocking one takes';

/** Whether the kernel reads a uffd without O_NONBLOCK. */
export function readsBlockingUffds(): boolean {
  return abilities().nowait;
}

/** Whether the kernel has a feature. */
export function hasFeature(feature: KernelFeature): boolean {
  return (abilities().features & featureBits[feature]) !== 0n;
}

/** Skips the running test, saying why, unless the kernel can do what it needs. */
export function needs(test: Mocha.Context, isThere: boolean, what: string): void {
  if (!isThere) {
    console.log(`      skipped: this kernel has no ${what}`);
    test.skip();
  }
}
