import { chromium, type Browser } from 'playwright-core';
import { provideChromium } from './systemPackages.ts';

/** Flags for a browser that only ever talks to this machine. */
const offlineFlags = [
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts a headless Chromium with a fresh profile. It ends with this process, also on Ctrl+C. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: await provideChromium(),
    args: [...offlineFlags, '--disable-gpu'],
    chromiumSandbox: false,
  });
}
