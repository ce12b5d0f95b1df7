import { compileTargets } from '../workbench/compileTargets.ts';
import { installCodeServer } from '../workbench/codeServerInstall.ts';
import { provideChromium } from '../workbench/systemPackages.ts';
import { runMochaRing } from './mochaRing.ts';
import type { RingResult } from './ringResult.ts';

/** Playwright on the whole workbench with real targets. */
export async function runUiRing(): Promise<RingResult> {
  await compileTargets();
  await provideChromium();
  await installCodeServer();
  return runMochaRing('ui');
}
