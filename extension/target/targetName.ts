/** The target's name in messages: `comm (pid)`. Pure: no VS Code. */
export function targetName({ comm, pid }: { readonly comm: string; readonly pid: number }): string {
  return `${comm} (${pid})`;
}
