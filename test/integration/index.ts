/**
 * The suite that runs inside a real VS Code, in its extension host. Its counts go to the
 * file named by UFFD_TEST_RESULTS.
 */
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

/** Runs all tests; rejects when one failed. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, reporter: 'spec', color: false });
  // One bundle instead of files: give the tests mocha's globals, then load them in this order.
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  // First: it sees what starts the extension.
  await import(/* webpackMode: "eager" */ './debugSessionOffer.test.ts');
  await import(/* webpackMode: "eager" */ './commands.test.ts');
  await import(/* webpackMode: "eager" */ './session.test.ts');
  await import(/* webpackMode: "eager" */ './launch.test.ts');
  await import(/* webpackMode: "eager" */ './severalSessions.test.ts');
  await import(/* webpackMode: "eager" */ './resolveFault.test.ts');
  await import(/* webpackMode: "eager" */ './ioctlOnRange.test.ts');
  await import(/* webpackMode: "eager" */ './batches.test.ts');
  await import(/* webpackMode: "eager" */ './forkedChild.test.ts');
  await import(/* webpackMode: "eager" */ './rules.test.ts');
  await import(/* webpackMode: "eager" */ './inspect.test.ts');
  await import(/* webpackMode: "eager" */ './sessionEnd.test.ts');
  await import(/* webpackMode: "eager" */ './helperStart.test.ts');
  await import(/* webpackMode: "eager" */ './attachDoctor.test.ts');
  await import(/* webpackMode: "eager" */ './elevation.test.ts');
  await import(/* webpackMode: "eager" */ './demoTarget.test.ts');
  await import(/* webpackMode: "eager" */ './timeline.test.ts');
  await import(/* webpackMode: "eager" */ './traces.test.ts');

  const failures: string[] = [];
  const { passes, pending } = await new Promise<Mocha.Stats>((resolve) => {
    const runner = mocha.run(() => resolve(runner.stats!));
    runner.on('fail', (test) => failures.push(test.fullTitle()));
  });
  const results = { passed: passes, failed: failures.length, skipped: pending, failures };
  const file = process.env['UFFD_TEST_RESULTS'];
  if (file === undefined) {
    console.log(JSON.stringify(results, null, 2));
  } else {
    writeFileSync(file, JSON.stringify(results));
  }
  if (failures.length > 0) {
    throw new Error(`${failures.length} integration tests failed.`);
  }
}
