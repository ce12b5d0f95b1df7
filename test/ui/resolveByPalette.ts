import type { WorkbenchPage } from '../workbench/workbenchPage.ts';

/** COPY of a byte to the current session's only held fault: by the palette, with the keyboard alone. */
export async function resolveByPalette(workbench: WorkbenchPage, byte: number): Promise<void> {
  await workbench.runCommand('Userfaultfd: Resolve Fault');
  await workbench.isAsked('Choose the held fault');
  await workbench.answer('#1');
  await workbench.isAsked('Choose the ioctl');
  await workbench.answer('UFFDIO_COPY');
  await workbench.isAsked('Choose where the bytes come from');
  await workbench.answer('Fill byte');
  await workbench.isAsked('The byte that fills the page');
  await workbench.answer(`0x${byte.toString(16)}`, null);
  await workbench.isAsked('Choose the pages to provide');
  await workbench.answer('s page', 'The fault’s page');
  await workbench.isAsked('Wake the thread now?');
  await workbench.answer('Wake the thread');
}
