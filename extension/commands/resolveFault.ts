/**
 * Resolve Fault…: fault → ioctl → contents → length → wake now or not, by keyboard alone.
 * Leaving any step does nothing.
 */
import * as vscode from 'vscode';
import type { OpenFault } from '../../native-helper/log/openFaults.ts';
import type {
  PageSourceDto,
  RangeDto,
  ResolveActionDto,
  ResolveParams,
} from '../../native-helper/protocol.ts';
import type { DebugSession } from '../session/debugSession.ts';
import { isHeld, isResolvedButSleeping } from '../session/faultTrace.ts';
import * as userErrors from '../userErrors.ts';
import type { CommandServices } from './commandServices.ts';
import { faultItems, type FaultItem } from './faultItems.ts';
import { parseByte, parseBytes, parsePages } from './pageInput.ts';

const title = vscode.l10n.t('Resolve Fault');
/** The timeline can take the focus between two steps; that must not end the command. */
const ignoreFocusOut = true;

export async function resolveFault({ registry, timeline, log }: CommandServices): Promise<void> {
  const session = registry.attached;
  if (session === null) {
    userErrors.showMessage(userErrors.notAttached());
    return;
  }
  const open = session.trace.openFaults();
  const held = open.filter(isHeld);
  if (held.length === 0) {
    userErrors.showMessage(userErrors.noHeldFaults(open.filter(isResolvedButSleeping).length));
    return;
  }
  try {
    const plan = await askPlan(session, held, timeline.selectedFaultId);
    if (plan !== undefined) {
      const results = await session.resolve(plan);
      userErrors.showMessage(userErrors.ioctlResults(results, plan.action.dontWake));
    }
  } catch (error) {
    log.error(`Resolve Fault: ${String(error)}`);
    userErrors.showMessage(userErrors.requestFailed(error, log));
  }
}

/** Asks step by step. Undefined when one was left. */
async function askPlan(
  session: DebugSession,
  held: readonly OpenFault[],
  selectedFaultId: number | null,
): Promise<Omit<ResolveParams, 'sessionId'> | undefined> {
  const faultIds = await pickFaults(session, held, selectedFaultId);
  if (faultIds === undefined) {
    return undefined;
  }
  const ioctl = await pickIoctl();
  if (ioctl === undefined) {
    return undefined;
  }
  const source = ioctl === 'copy' ? await askSource() : null;
  if (source === undefined) {
    return undefined;
  }
  const chosen = held.filter(({ id }) => faultIds.includes(id));
  const lengthPages = await askLength(chosen, await session.ranges());
  if (lengthPages === undefined) {
    return undefined;
  }
  const dontWake = await pickDontWake();
  if (dontWake === undefined) {
    return undefined;
  }
  const action =
    source === null
      ? ({ ioctl: 'zeropage', dontWake } as const)
      : ({ ioctl: 'copy', source, dontWake } as const);
  return { faultIds, action, lengthPages };
}

async function pickFaults(
  session: DebugSession,
  held: readonly OpenFault[],
  selectedFaultId: number | null,
): Promise<readonly number[] | undefined> {
  const items: FaultItem[] = faultItems(session, held, selectedFaultId);
  if (held.length > 1) {
    items.unshift({
      label: vscode.l10n.t('All {0} held faults', held.length),
      faultIds: held.map(({ id }) => id),
    });
  }
  const picked = await vscode.window.showQuickPick(items, {
    title,
    ignoreFocusOut,
    placeHolder: vscode.l10n.t('Choose the held fault to resolve'),
    matchOnDescription: true,
  });
  return picked?.faultIds;
}

async function pickIoctl(): Promise<ResolveActionDto['ioctl'] | undefined> {
  const picked = await vscode.window.showQuickPick(
    [
      {
        label: 'UFFDIO_COPY',
        description: vscode.l10n.t('provide the page with contents you give'),
        ioctl: 'copy' as const,
      },
      {
        label: 'UFFDIO_ZEROPAGE',
        description: vscode.l10n.t('provide the zero page'),
        ioctl: 'zeropage' as const,
      },
    ],
    { title, ignoreFocusOut, placeHolder: vscode.l10n.t('Choose the ioctl that provides the page') },
  );
  return picked?.ioctl;
}

async function askSource(): Promise<PageSourceDto | undefined> {
  const picked = await vscode.window.showQuickPick(
    [
      {
        label: vscode.l10n.t('Fill byte'),
        description: vscode.l10n.t('every byte is the same'),
        ask: askFill,
      },
      {
        label: vscode.l10n.t('Pattern'),
        description: vscode.l10n.t('bytes repeated to the length'),
        ask: async () => withBytes('pattern', await askBytes(vscode.l10n.t('Bytes to repeat'))),
      },
      {
        label: vscode.l10n.t('Given bytes'),
        description: vscode.l10n.t('bytes from the start, zeros behind them'),
        ask: async () => withBytes('bytes', await askBytes(vscode.l10n.t('Bytes of the page'))),
      },
    ],
    { title, ignoreFocusOut, placeHolder: vscode.l10n.t('Choose where the bytes come from') },
  );
  return picked?.ask();
}

async function askFill(): Promise<PageSourceDto | undefined> {
  const hint = vscode.l10n.t("0x5a, 90 or 'Z'");
  const text = await vscode.window.showInputBox({
    title,
    ignoreFocusOut,
    prompt: vscode.l10n.t('The byte that fills the page, such as {0}', hint),
    value: '0x00',
    validateInput: (value) =>
      parseByte(value) === undefined
        ? vscode.l10n.t('This is no byte (0 to 255). Write it as {0}.', hint)
        : undefined,
  });
  return text === undefined ? undefined : { kind: 'fill', byte: parseByte(text)! };
}

async function askBytes(prompt: string): Promise<Uint8Array | undefined> {
  const hint = vscode.l10n.t('pairs of hex digits such as de ad be ef, or text in double quotes');
  const text = await vscode.window.showInputBox({
    title,
    ignoreFocusOut,
    prompt: `${prompt}: ${hint}`,
    placeHolder: 'de ad be ef',
    validateInput: (value) =>
      parseBytes(value) === undefined ? vscode.l10n.t('These are no bytes. Write {0}.', hint) : undefined,
  });
  return text === undefined ? undefined : parseBytes(text);
}

function withBytes(kind: 'pattern' | 'bytes', bytes: Uint8Array | undefined): PageSourceDto | undefined {
  return bytes && { kind, bytes: Buffer.from(bytes).toString('base64') };
}

/** Pages from each fault's page to the end of its range at most. */
async function askLength(
  faults: readonly OpenFault[],
  ranges: readonly RangeDto[],
): Promise<number | undefined> {
  const most = Math.min(...faults.map((fault) => pagesToRangeEnd(fault, ranges)));
  const hint = vscode.l10n.t(
    'Pages to provide: 1 to {0}, which ends at the end of the registered range',
    most,
  );
  const text = await vscode.window.showInputBox({
    title,
    ignoreFocusOut,
    prompt: hint,
    value: '1',
    validateInput: (value) => (parsePages(value, most) === undefined ? hint : undefined),
  });
  return text === undefined ? undefined : parsePages(text, most);
}

/** At least 1: when the range is gone by now, the helper says so in its own words. */
function pagesToRangeEnd(fault: OpenFault, ranges: readonly RangeDto[]): number {
  for (const { start, lengthBytes, pageBytes } of ranges) {
    const offset = Number(fault.address - BigInt(start));
    if (offset >= 0 && offset < lengthBytes) {
      return (lengthBytes - Math.floor(offset / pageBytes) * pageBytes) / pageBytes;
    }
  }
  return 1;
}

async function pickDontWake(): Promise<boolean | undefined> {
  const picked = await vscode.window.showQuickPick(
    [
      {
        label: vscode.l10n.t('Wake the thread'),
        description: vscode.l10n.t('it goes on at once'),
        dontWake: false,
      },
      {
        label: vscode.l10n.t('DONTWAKE'),
        description: vscode.l10n.t('it sleeps until you wake it'),
        dontWake: true,
      },
    ],
    { title, ignoreFocusOut, placeHolder: vscode.l10n.t('Wake the thread now?') },
  );
  return picked?.dontWake;
}
