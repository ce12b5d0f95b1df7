/**
 * Lets the user pick what to attach to: a process, then one or all of its descriptors if it has
 * several; or what to examine. What is attached already is marked; picking it shows it.
 *
 * The pick opens at once and fills while the helper scans. A typed pid is proposed before
 * everything else that contains its digits, also one that is not in the list, for a process
 * the scan could not read.
 */
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import type { DoctorParams } from '../../native-helper/protocol/doctor.ts';
import type { ProcessDto, UffdDto } from '../../native-helper/protocol/processes.ts';
import type { AttachParams } from '../../native-helper/protocol/session.ts';
import { Command } from '../contributions.ts';
import { DisposableStore } from '../disposableStore.ts';
import type { HelperClient } from '../helper/helperClient.ts';
import type { SessionRegistry } from '../session/sessionRegistry.ts';
import { targetName } from './targetName.ts';
import { namedFirst, stuckFirst, typedPid } from './processOrder.ts';
import { withoutIcons } from './withoutIcons.ts';

interface ProcessItem extends vscode.QuickPickItem {
  /** Ends the pick with this process, or with a pid nothing more is known about. */
  readonly process?: ProcessDto;
  readonly pid?: number;
  /** Ends the pick and runs this instead. */
  readonly command?: string;
  /** Ends the pick with no process. */
  readonly isMachine?: true;
}

/** What a pick is for. */
interface Purpose {
  readonly title: string;
  readonly placeholder: string;
  readonly pidLabel: (pid: number) => string;
  /** After the processes. */
  readonly lastItems: readonly ProcessItem[];
}

const attaching: Purpose = {
  title: vscode.l10n.t('Attach to Process'),
  placeholder: vscode.l10n.t('Choose a process that uses userfaultfd, or type a pid'),
  pidLabel: (pid) => vscode.l10n.t('Attach to pid {0}', pid),
  lastItems: [],
};

const examining: Purpose = {
  title: vscode.l10n.t('Attach Doctor'),
  placeholder: vscode.l10n.t('Choose the process to check, or type a pid'),
  pidLabel: (pid) => vscode.l10n.t('Check pid {0}', pid),
  lastItems: [
    {
      label: vscode.l10n.t('This Machine Only'),
      detail: vscode.l10n.t('What the kernel and the helper’s own rights allow, whatever the process'),
      isMachine: true,
    },
  ],
};

const refreshButton: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('refresh'),
  tooltip: vscode.l10n.t('Scan again'),
};

type AttachedSessions = Pick<SessionRegistry, 'attachedSessions'>;

/**
 * Asks for targets. None when the user cancelled.
 * @throws HelperGone when processes cannot be listed
 */
export async function pickTargets(
  helper: HelperClient,
  sessions: AttachedSessions,
): Promise<readonly AttachParams[]> {
  const item = await pickProcess(helper, sessions, attaching);
  if (item?.command !== undefined) {
    await vscode.commands.executeCommand(item.command);
    return [];
  }
  if (item?.process !== undefined) {
    return pickDescriptors(item.process, sessions);
  }
  return item?.pid === undefined ? [] : [{ pid: item.pid }];
}

/**
 * Asks what the attach doctor is to examine: a process, or the machine without one. Undefined when
 * the user cancelled.
 * @throws HelperGone when processes cannot be listed
 */
export async function pickToExamine(helper: HelperClient): Promise<DoctorParams | undefined> {
  const item = await pickProcess(helper, { attachedSessions: [] }, examining);
  if (item?.isMachine === true) {
    return {};
  }
  const pid = item?.process?.pid ?? item?.pid;
  return pid === undefined ? undefined : { pid };
}

/** Asks which uffds of a process are meant, unless there is only one. None when cancelled. */
export async function pickDescriptors(
  process: ProcessDto,
  sessions: AttachedSessions,
): Promise<readonly AttachParams[]> {
  const { pid, uffds } = process;
  const only = uffds.length === 1 ? uffds[0] : undefined;
  if (only !== undefined) {
    return [{ pid, fd: only.fd }];
  }
  const rest = uffds.filter((uffd) => !isAttached(uffd, sessions));
  const picked = await vscode.window.showQuickPick(
    [
      ...uffds.map((uffd) => ({
        label: vscode.l10n.t('Descriptor {0}', uffd.fd),
        description: isAttached(uffd, sessions)
          ? vscode.l10n.t('attached')
          : vscode.l10n.t('{0} pending, {1} unresolved', uffd.pending, uffd.total),
        detail: descriptorDetail(uffd),
        fds: [uffd.fd],
      })),
      ...(rest.length < 2
        ? []
        : [
            {
              label:
                rest.length === uffds.length
                  ? vscode.l10n.t('All {0} descriptors', rest.length)
                  : vscode.l10n.t('All {0} that are not attached', rest.length),
              description: vscode.l10n.t('a session for each'),
              fds: rest.map(({ fd }) => fd),
            },
          ]),
    ],
    {
      title: vscode.l10n.t('{0} ({1}) has several userfaultfds', process.comm, process.pid),
      placeHolder: vscode.l10n.t('Choose the descriptor to take over'),
      ignoreFocusOut: true,
      matchOnDetail: true,
    },
  );
  return picked?.fds.map((fd) => ({ pid, fd })) ?? [];
}

function isAttached({ inode }: UffdDto, { attachedSessions }: AttachedSessions): boolean {
  return attachedSessions.some(({ dto }) => dto.uffd.inode === inode);
}

async function pickProcess(
  helper: HelperClient,
  sessions: AttachedSessions,
  purpose: Purpose,
): Promise<ProcessItem | undefined> {
  const processPick = new ProcessPick(helper, sessions, purpose);
  try {
    return await processPick.choose();
  } finally {
    processPick.dispose();
  }
}

/** The pick of a process while it is open. */
class ProcessPick {
  private readonly helper: HelperClient;
  private readonly sessions: AttachedSessions;
  private readonly purpose: Purpose;
  private readonly store = new DisposableStore();
  private readonly pick = this.store.add(vscode.window.createQuickPick<ProcessItem>());
  private readonly found = new Map<number, ProcessDto>();
  /** What Enter chooses until VS Code has told that another item is active. */
  private proposed: ProcessItem | undefined;
  private isProposalShown = false;
  /** Cancels the scan that fills it now, or filled it last. */
  private scanning = this.store.add(new vscode.CancellationTokenSource());

  constructor(helper: HelperClient, sessions: AttachedSessions, purpose: Purpose) {
    this.helper = helper;
    this.sessions = sessions;
    this.purpose = purpose;
    this.pick.title = purpose.title;
    this.pick.placeholder = purpose.placeholder;
    this.pick.matchOnDescription = true;
    this.pick.matchOnDetail = true;
    this.pick.keepScrollPosition = true;
    // A page that finishes loading takes the focus; that must not end the question.
    this.pick.ignoreFocusOut = true;
    this.pick.buttons = [refreshButton];
  }

  /**
   * Opens the pick and scans. Undefined when it was left.
   * @throws HelperGone when the scan fails
   */
  choose(): Promise<ProcessItem | undefined> {
    return new Promise((resolve, reject) => {
      const scan = (): void => void this.scan().catch(reject);
      this.store.add(this.pick.onDidTriggerButton(scan));
      this.store.add(this.pick.onDidChangeValue(() => this.showTyped()));
      this.store.add(
        this.pick.onDidChangeActive(([active]) => (this.isProposalShown ||= active === this.proposed)),
      );
      this.store.add(
        this.pick.onDidAccept(() => {
          const chosen = this.chosen();
          // None while the list is being replaced under the user's hand: the question stays open.
          if (chosen !== undefined) {
            resolve(chosen);
          }
        }),
      );
      this.store.add(this.pick.onDidHide(() => resolve(undefined)));
      this.pick.show();
      scan();
    });
  }

  dispose(): void {
    this.scanning.cancel();
    this.store.dispose();
  }

  private async scan(): Promise<void> {
    this.scanning.cancel();
    this.scanning = this.store.add(new vscode.CancellationTokenSource());
    const { token } = this.scanning;
    this.found.clear();
    this.pick.busy = true;
    this.showItems();
    const add = (processes: readonly ProcessDto[]): void => {
      if (!token.isCancellationRequested) {
        processes.forEach((process) => this.found.set(process.pid, process));
        this.showItems();
      }
    };
    try {
      const all = await this.helper.listProcesses(add, token);
      this.pick.busy = token.isCancellationRequested;
      add(all);
    } catch (error) {
      if (!token.isCancellationRequested) {
        throw error;
      }
    }
  }

  /** The selected item; a typed pid, when Enter came before VS Code had shown its item as active. */
  private chosen(): ProcessItem | undefined {
    const isTyped = typedPid(this.pick.value) !== undefined;
    return isTyped && !this.isProposalShown
      ? this.proposed
      : (this.pick.selectedItems[0] ?? (isTyped ? this.proposed : undefined));
  }

  private showTyped(): void {
    this.isProposalShown = false;
    this.showItems();
  }

  private showItems(): void {
    const pid = typedPid(this.pick.value);
    const [active] = this.pick.activeItems;
    // The first item is proposed until the user moves to another one.
    const isMoved = active !== this.pick.items[0] && (pid === undefined || this.isProposalShown);
    const moved = isMoved ? active?.process?.pid : undefined;
    const processes = namedFirst(stuckFirst(this.found.values()), pid);
    const items = processes.map((process) => processItem(process, this.sessions, process.pid === pid));
    const { lastItems } = this.purpose;
    const shown = [...extraItems(this.found, pid, this.pick.busy, this.purpose), ...items, ...lastItems];
    if (isDeepStrictEqual(shown, this.pick.items)) {
      // VS Code knows items by their place in the list: a choice on its way must find the same list.
      return;
    }
    this.pick.items = shown;
    this.proposed =
      this.pick.items.find(({ process }) => process !== undefined && process.pid === moved) ??
      this.pick.items[0];
    // While another filter is typed, VS Code proposes the first item that passes it.
    if (this.proposed !== undefined && (this.pick.value === '' || pid !== undefined)) {
      this.pick.activeItems = [this.proposed];
    }
  }
}

/** @param isNamed its pid was typed: the label has it, because VS Code lists matching labels first */
function processItem(process: ProcessDto, sessions: AttachedSessions, isNamed: boolean): ProcessItem {
  const asleep = process.waiters.length;
  const attached = process.uffds.filter((uffd) => isAttached(uffd, sessions)).length;
  const facts = [
    ...(attached === 0
      ? []
      : [
          attached === process.uffds.length
            ? vscode.l10n.t('$(debug) attached')
            : vscode.l10n.t('$(debug) {0} of {1} attached', attached, process.uffds.length),
        ]),
    ...(asleep === 0
      ? []
      : [
          asleep === 1
            ? vscode.l10n.t('$(warning) 1 thread asleep in a fault')
            : vscode.l10n.t('$(warning) {0} threads asleep in a fault', asleep),
        ]),
    process.uffds.length === 1
      ? vscode.l10n.t('descriptor {0}', process.uffds[0]!.fd)
      : vscode.l10n.t('descriptors {0}', process.uffds.map(({ fd }) => fd).join(', ')),
    ...process.unreadable.map(withoutIcons),
  ];
  return {
    label: withoutIcons(isNamed ? targetName(process) : process.comm),
    description: withoutIcons(`${process.pid}  ${process.commandLine}`),
    detail: facts.join(' · '),
    process,
  };
}

/** Items before the processes: a typed pid, and what to do when there is nothing to choose. */
function extraItems(
  found: ReadonlyMap<number, ProcessDto>,
  pid: number | undefined,
  isScanning: boolean,
  { pidLabel, lastItems }: Purpose,
): ProcessItem[] {
  if (pid !== undefined && !found.has(pid)) {
    return [
      {
        label: pidLabel(pid),
        description: vscode.l10n.t('not in the list'),
        alwaysShow: true,
        pid,
      },
    ];
  }
  if (found.size > 0 || isScanning || lastItems.length > 0) {
    return [];
  }
  return [
    {
      label: vscode.l10n.t('$(play) Start Demo Target'),
      detail: vscode.l10n.t(
        'No process with a userfaultfd was found. Other users’ processes can only be seen with their rights: run VS Code as that user or as root.',
      ),
      alwaysShow: true,
      command: Command.startDemoTarget,
    },
  ];
}

function descriptorDetail(uffd: UffdDto): string {
  const facts = [
    uffd.isApiDone
      ? uffd.features.join(', ') || vscode.l10n.t('no features')
      : vscode.l10n.t('UFFDIO_API not done: no fault can come'),
    uffd.isBlocking ? vscode.l10n.t('blocking') : vscode.l10n.t('non-blocking'),
  ];
  return facts.join(' · ');
}
