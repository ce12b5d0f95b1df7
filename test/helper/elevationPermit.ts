/** Lets `nobody` run the helper as root for the length of a test, by the real sudo or pkexec. We are root. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { sudoersLine, type Elevation } from '../../extension/helper/helperCommand.ts';
import { helperScript } from './helperProcess.ts';

export interface ElevationPermit {
  withdraw(): Promise<void>;
}

/** sudo or pkexec must be installed. */
export async function permitElevation(elevation: Exclude<Elevation, 'none'>): Promise<ElevationPermit> {
  return elevation === 'sudo' ? permitSudo() : permitPkexec();
}

function permitSudo(): ElevationPermit {
  const program = { module: helperScript, nodePath: process.execPath, elevation: 'sudo' } as const;
  return writeRule(`/etc/sudoers.d/uffd-test-${process.pid}`, sudoersLine(program, 'nobody'));
}

/** A rule of polkit answers instead of a desktop's agent, which would ask for a password. */
async function permitPkexec(): Promise<ElevationPermit> {
  const stopBus = await provideSystemBus();
  const rule = writeRule(
    `/etc/polkit-1/rules.d/00-uffd-test-${process.pid}.rules`,
    // ES5: polkit has two engines, and one knows no more.
    `polkit.addRule(function (action, subject) {
  var isOurs = action.id === 'org.freedesktop.policykit.exec' &&
    action.lookup('command_line').indexOf('${process.execPath} ${helperScript} --elevated ') === 0;
  return isOurs && subject.user === 'nobody' ? polkit.Result.YES : undefined;
});`,
  );
  return {
    withdraw: async () => {
      await rule.withdraw();
      await stopBus();
    },
  };
}

function writeRule(file: string, rule: string): ElevationPermit {
  writeFileSync(file, `${rule}\n`, { mode: 0o444 });
  return {
    withdraw: () => {
      rmSync(file, { force: true });
      return Promise.resolve();
    },
  };
}

/**
 * A system bus, which starts polkitd when it is needed.
 * @returns what ends it, and polkitd with it, if it was started here
 */
async function provideSystemBus(): Promise<() => Promise<void>> {
  const socket = '/run/dbus/system_bus_socket';
  if (await isListening(socket)) {
    return () => Promise.resolve();
  }
  mkdirSync('/run/dbus', { recursive: true });
  const bus = spawn('dbus-daemon', ['--system', '--nofork', '--nopidfile', '--print-address'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(bus.stdout, 'data');
  return async () => {
    const exit = once(bus, 'exit');
    bus.kill();
    await exit;
    rmSync(socket, { force: true });
  };
}

async function isListening(socket: string): Promise<boolean> {
  const connection = createConnection(socket);
  try {
    await once(connection, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    connection.destroy();
  }
}
