/**
 * Offers to open the userfaultfd of a program that runs in somebody's debugger for C, C++ or Rust.
 * Each of its sessions is told once.
 */
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { CtxDto } from '../../native-helper/protocol/inspect.ts';
import { offersInDebugSessions, stopOffersInDebugSessions } from '../configuration.ts';
import { nativeDebugTypes } from '../contributions.ts';
import { DisposableStore, type Disposable } from '../disposableStore.ts';
import type { HelperClient } from '../helper/helperClient.ts';
import { debuggedHasUffd } from '../messages/sessionMessages.ts';
import { showMessage } from '../messages/userMessage.ts';
import type { SessionRegistry } from '../session/sessionRegistry.ts';
import { debuggedPid, tellsProgress } from './adapterMessages.ts';

/** From news of the program to a look at it: someone who steps causes no more than one per second. */
const lookDelayMs = 1000;

/** The userfaultfds that concern a process, but for those that need no offer. */
type Look = (pid: number) => Promise<readonly CtxDto[]>;

export function registerDebugSessionOffer(
  helper: HelperClient,
  registry: SessionRegistry,
  log: vscode.LogOutputChannel,
): Disposable {
  const look: Look = async (pid) => {
    if (!offersInDebugSessions()) {
      return [];
    }
    const { ctxs } = await helper.inspect(false, pid);
    const attached = new Set(registry.attachedSessions.map(({ dto }) => dto.uffd.inode));
    return ctxs.filter(({ inode }) => !attached.has(inode));
  };
  // A session that is restarted may get another adapter, and with it another tracker.
  const told = new WeakSet<vscode.DebugSession>();
  const createDebugAdapterTracker = (session: vscode.DebugSession): vscode.DebugAdapterTracker | undefined =>
    told.has(session) || !offersInDebugSessions()
      ? undefined
      : new UffdWatch(look, log, (pid, ctxs) => {
          told.add(session);
          showMessage(debuggedHasUffd(pid, ctxs, stopOffersInDebugSessions));
        });
  const store = new DisposableStore();
  for (const type of nativeDebugTypes) {
    store.add(vscode.debug.registerDebugAdapterTrackerFactory(type, { createDebugAdapterTracker }));
  }
  return store;
}

/** Follows one session until its process has a userfaultfd. */
class UffdWatch implements vscode.DebugAdapterTracker {
  private readonly look: Look;
  private readonly log: vscode.LogOutputChannel;
  private readonly onFound: (pid: number, ctxs: readonly CtxDto[]) => void;
  private pid: number | undefined;
  private hasNews = false;
  private isLooking = false;
  private isOver = false;

  constructor(
    look: Look,
    log: vscode.LogOutputChannel,
    onFound: (pid: number, ctxs: readonly CtxDto[]) => void,
  ) {
    this.look = look;
    this.log = log;
    this.onFound = onFound;
  }

  onWillReceiveMessage(message: unknown): void {
    this.heed(message);
  }

  onDidSendMessage(message: unknown): void {
    this.heed(message);
  }

  onWillStopSession(): void {
    this.isOver = true;
  }

  onExit(): void {
    this.isOver = true;
  }

  private heed(message: unknown): void {
    if (this.isOver) {
      return;
    }
    this.pid = debuggedPid(message) ?? this.pid;
    if (this.pid !== undefined && tellsProgress(message)) {
      this.hasNews = true;
      if (!this.isLooking) {
        this.isLooking = true;
        void this.lookWhileNews();
      }
    }
  }

  /** One look at a time; news during one is reason for another. */
  private async lookWhileNews(): Promise<void> {
    while (this.hasNews) {
      await delay(lookDelayMs);
      this.hasNews = false;
      if (this.pid !== undefined && !this.isOver) {
        await this.lookOnce(this.pid);
      }
    }
    this.isLooking = false;
  }

  private async lookOnce(pid: number): Promise<void> {
    try {
      const ctxs = await this.look(pid);
      if (ctxs.length > 0 && !this.isOver) {
        this.isOver = true;
        this.onFound(pid, ctxs);
      }
    } catch (error) {
      this.log.warn(`A look at the debugged process ${pid}: ${String(error)}`);
    }
  }
}
