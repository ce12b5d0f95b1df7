/** What keeps people with assistive technology out of the page, as far as axe-core finds it. */
import axe from 'axe-core';
import type { TimelinePage } from './timelinePage.ts';

/** Rules that the page violates, each with the elements. */
export async function axeViolations(timeline: TimelinePage): Promise<string[][]> {
  await timeline.page.evaluate(axe.source);
  const violations = await timeline.page.evaluate(async () => {
    const { violations: found } = await window.axe.run(document, { resultTypes: ['violations'] });
    return found.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html.slice(0, 160))]);
  });
  // Axe styles elements inline to measure them, which the page's policy rightly refuses.
  const ofAxe = timeline.problems.filter((problem) => problem.startsWith('Applying inline style'));
  timeline.problems.splice(0, ofAxe.length);
  return violations;
}

declare global {
  interface Window {
    axe: typeof axe;
  }
}
