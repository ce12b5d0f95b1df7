/** The extension as other extensions and the user see it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import type { ApiSession, UffdApi } from '../../extension/api.ts';
import { Command } from '../../extension/contributions.ts';
import { eventually } from '../helper/eventually.ts';

const extension = vscode.extensions.getExtension<UffdApi>('uffd.userfaultfd-debugger')!;

export function activate(): Thenable<UffdApi> {
  return extension.activate();
}

export function isActive(): boolean {
  return extension.isActive;
}

/** The current session once `condition` holds for it. */
export async function sessionWith(
  what: string,
  condition: (session: ApiSession) => boolean,
): Promise<ApiSession> {
  const api = await activate();
  return eventually(what, () => {
    const { session } = api;
    return session !== undefined && condition(session) && session;
  });
}

/** Attaches as a keybinding would, and waits until `held` faults are held. */
export async function attachHolding(
  target: { pid: number; fd?: number; freeze?: boolean },
  held: number,
): Promise<ApiSession> {
  await vscode.commands.executeCommand(Command.attachToProcess, target);
  return sessionWith(
    `${held} faults of ${target.pid} are held`,
    (session) => session.pid === target.pid && session.heldFaults.length === held,
  );
}

/** Leaves no session attached and none to read, whatever a test did; forked children's end with their process. */
export async function detachIfAttached(): Promise<void> {
  const api = await activate();
  for (const { id, state, isCustody } of api.sessions) {
    if (state === 'attached' && !isCustody) {
      await vscode.commands.executeCommand(Command.detach, { sessionId: id });
      await eventually('the session has ended', () =>
        api.sessions.every((session) => session.id !== id || session.state === 'ended'),
      );
    }
    await vscode.commands.executeCommand(Command.closeSession, { sessionId: id });
  }
}

/** Inspect looks again and again while it can be seen, and starts the helper that it needs for that. */
export async function leaveInspect(): Promise<void> {
  await vscode.commands.executeCommand('workbench.view.explorer');
}

/** Processes this extension host has started whose command line contains `text`. */
export function childrenWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === process.pid && commandLine(pid).includes(text));
}

export function isAlive(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.[0] !== 'Z';
  } catch {
    return false;
  }
}

/** The one helper process. */
export function helperPid(): number {
  const pids = childrenWith('helper.cjs');
  assert.equal(pids.length, 1, 'one helper runs');
  return pids[0]!;
}

function parentOf(pid: number): number | undefined {
  try {
    return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
  } catch {
    return undefined;
  }
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}
