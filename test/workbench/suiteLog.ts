import { format } from 'node:util';

/**
 * What the workbench itself logs in a closed network and without its native modules.
 * Everything else is worth reading: the test suite's own lines, and what goes wrong around it.
 */
const expected =
  /^(Resolv(ing|ed) connection token|Creating a socket|Creation of workbench contribution|Updating additional builtin|\[(reconnection-grace-time|AgentHost|AccountPolicyGate|Service Worker)|(Error: )?Could not locate the bindings file|Cannot find module '.\/build\/Release\/watchdog'|getaddrinfo |Timed out waiting for authentication provider|Canceled)/;

/** The line to print for one call of the workbench's console, null for an expected one. */
export function suiteLogLine(args: readonly unknown[]): string | null {
  const line = format(...args);
  return expected.test(line) ? null : line;
}
