/** What keeps people with assistive technology out of the page, as far as axe-core finds it. */
import axe from 'axe-core';
import type { TimelinePage } from './timelinePage.ts';

/** A page, and what it has logged as errors, from which those that axe-core makes are taken. */
type Examined = Pick<TimelinePage, 'page' | 'problems'>;

/** Rules that the page violates, each with the elements. */
export async function axeViolations({ page, problems }: Examined): Promise<string[][]> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const { violations: found } = await window.axe.run(document, { resultTypes: ['violations'] });
    return found.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html.slice(0, 160))]);
  });
  // Axe styles elements inline to measure them, which the page's policy rightly refuses.
  const ofAxe = problems.filter((problem) => problem.startsWith('Applying inline style'));
  problems.splice(0, ofAxe.length);
  return violations;
}

declare global {
  interface Window {
    axe: typeof axe;
  }
}
