/** `npm test`: lint, types, build and the four test rings, from fast to real. */
import { runScript } from './rings/checkRing.ts';
import { chosenNames } from './rings/chosenNames.ts';
import { runHelperRingAsRoot, runHelperRingAsUser } from './rings/helperRing.ts';
import { runIntegrationRing } from './rings/integrationRing.ts';
import { runMochaRing } from './rings/mochaRing.ts';
import { broken, counts, skipped, total, type RingResult } from './rings/ringResult.ts';
import { runUiRing } from './rings/uiRing.ts';
import { MissingProgram } from './workbench/systemPackages.ts';

interface Ring {
  /** Its name on the command line; rings of one name run together. */
  readonly name: string;
  readonly heading: string;
  run(): Promise<RingResult>;
}

const rings: readonly Ring[] = [
  { name: 'lint', heading: 'Lint', run: () => runScript('lint') },
  { name: 'types', heading: 'Types', run: () => runScript('types') },
  { name: 'build', heading: 'Build', run: () => runScript('build') },
  { name: 'unit', heading: 'Unit tests', run: () => runMochaRing('unit') },
  { name: 'helper', heading: 'Helper tests as root', run: runHelperRingAsRoot },
  { name: 'helper', heading: 'Helper tests as an ordinary user', run: runHelperRingAsUser },
  { name: 'integration', heading: 'Integration tests in VS Code', run: runIntegrationRing },
  { name: 'ui', heading: 'UI tests on the whole workbench', run: runUiRing },
];
const names = [...new Set(rings.map((ring) => ring.name))];

const help = `Usage: npm test [-- RING…]
Runs these rings, or only those named: ${names.join(', ')}.
The last line is the sum of all: N passed, N failed, N skipped.
helper, integration and ui test the bundles in dist: name build first after a change.`;

async function runRing(ring: Ring): Promise<RingResult> {
  console.log(`\n== ${ring.heading}`);
  const result = await ring.run().catch((error: unknown) => {
    return error instanceof MissingProgram ? skipped(error.message) : broken(String(error));
  });
  console.log(`${ring.heading}: ${counts(result)}`);
  return { ...result, failures: result.failures.map((failure) => `${ring.heading}: ${failure}`) };
}

async function main(): Promise<number> {
  if (Number.parseInt(process.versions.node) < 24) {
    console.error(
      `This is Node ${process.versions.node}; tests need Node 24, which npm ci installs: use npm test.`,
    );
    return 2;
  }
  const chosen = chosenNames(names, 'ring', help);
  if (typeof chosen === 'number') {
    return chosen;
  }
  const results: RingResult[] = [];
  for (const ring of rings) {
    if (chosen.includes(ring.name)) {
      results.push(await runRing(ring));
    }
  }
  const sum = total(results);
  // Here again: a long run shows little more than its end.
  console.log(['', ...sum.failures.map((failure) => `Failed: ${failure}`), counts(sum)].join('\n'));
  return sum.failed === 0 ? 0 : 1;
}

process.exitCode = await main();
