/** What the demo target tells its threads. */
export type DemoThreadData = { readonly name: string } & (
  | { readonly task: 'read' | 'write'; readonly address: number }
  | { readonly task: 'serve'; readonly uffd: number }
);

/** Memory of one thread. */
export const pagesPerThread = 256;
export const pageBytes = 4096;
