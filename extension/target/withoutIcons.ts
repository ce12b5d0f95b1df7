/**
 * Text of the target for places where VS Code turns `$(name)` into an icon: a process may
 * call itself what it likes, and is shown as it is. Pure: no VS Code.
 */
export function withoutIcons(text: string): string {
  // A zero-width space is invisible and breaks the syntax up.
  return text.replaceAll('$(', '$\u200b(');
}
