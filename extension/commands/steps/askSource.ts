/** Asks where the bytes of a COPY or the pages of a MOVE come from. */
import * as vscode from 'vscode';
import type { Hex } from '../../../native-helper/protocol/conventions.ts';
import type { PageSource } from '../../../native-helper/rules/faultRule.ts';
import { parseAddress, parseByte, parseCount } from '../../../native-helper/rules/pageInput.ts';
import { hexOf, parseBytes } from '../pageInput.ts';
import { pick, type } from './ask.ts';

/** How the one who asks names files. */
export interface SourceContext<File> {
  /** Address to begin with when asked for an image's base; may be empty. */
  readonly imageBase: string;
  /** Lets the user choose a file. @throws Error when it cannot be used; its message is a sentence for people */
  readonly chooseFile: () => Promise<File | undefined>;
}

/** @throws Error when a file cannot be used; its message is a sentence for people */
export async function askSource<File>(
  title: string,
  context: SourceContext<File>,
): Promise<PageSource<File> | undefined> {
  const picked = await pick(title, vscode.l10n.t('Choose where the bytes come from'), [
    {
      label: vscode.l10n.t('Fill byte'),
      description: vscode.l10n.t('every byte is the same'),
      ask: () => askFill(title),
    },
    {
      label: vscode.l10n.t('Pattern'),
      description: vscode.l10n.t('bytes repeated to the length'),
      ask: () => askBytes(title, 'pattern', vscode.l10n.t('Bytes to repeat')),
    },
    {
      label: vscode.l10n.t('Given bytes'),
      description: vscode.l10n.t('bytes from the start, zeros behind them'),
      ask: () => askBytes(title, 'bytes', vscode.l10n.t('Bytes of the page')),
    },
    {
      label: vscode.l10n.t('File at an offset…'),
      description: vscode.l10n.t('the same bytes of a file for every fault'),
      ask: () => askFileOffset(title, context),
    },
    {
      label: vscode.l10n.t('Memory image…'),
      description: vscode.l10n.t('a file whose byte at offset A − base is for address A'),
      ask: () => askImageBase(title, context),
    },
    {
      label: vscode.l10n.t('Another page of the target'),
      description: vscode.l10n.t('a copy of memory that is there'),
      ask: () => askTargetAddress(title),
    },
  ]);
  return picked?.ask();
}

async function askFill(title: string): Promise<PageSource<never> | undefined> {
  const prompt = vscode.l10n.t('The byte that fills the page, such as {0}', "0x5a, 90 or 'Z'");
  const byte = await type(title, prompt, '0x00', parseByte);
  return byte === undefined ? undefined : { kind: 'fill', byte };
}

async function askBytes(
  title: string,
  kind: 'pattern' | 'bytes',
  prompt: string,
): Promise<PageSource<never> | undefined> {
  const hint = vscode.l10n.t('pairs of hex digits such as de ad be ef, or text in double quotes');
  const bytes = await type(title, `${prompt}: ${hint}`, '', parseBytes);
  return bytes && { kind, bytes: Buffer.from(bytes).toString('base64') };
}

async function askFileOffset<File>(
  title: string,
  { chooseFile }: SourceContext<File>,
): Promise<PageSource<File> | undefined> {
  const file = await chooseFile();
  if (file === undefined) {
    return undefined;
  }
  const prompt = vscode.l10n.t('Offset in the file, in bytes: decimal, or hex with 0x');
  const offsetBytes = await type(title, prompt, '0', (text) => parseCount(text) ?? prompt);
  return offsetBytes === undefined ? undefined : { kind: 'file', file, offsetBytes };
}

async function askImageBase<File>(
  title: string,
  { imageBase, chooseFile }: SourceContext<File>,
): Promise<PageSource<File> | undefined> {
  const file = await chooseFile();
  if (file === undefined) {
    return undefined;
  }
  const base = await askAddress(title, vscode.l10n.t('Address of the image’s first byte, in hex'), imageBase);
  return base === undefined ? undefined : { kind: 'image', file, base: hexOf(base) };
}

async function askTargetAddress(title: string): Promise<PageSource<never> | undefined> {
  const address = await askAddress(title, vscode.l10n.t('Address of the bytes in the target, in hex'), '');
  return address === undefined ? undefined : { kind: 'target', address: hexOf(address) };
}

/** The page that MOVE begins with; it is taken away from there. */
export async function askMoveSource(title: string): Promise<Hex | undefined> {
  const prompt = vscode.l10n.t(
    'Address of the page to take away, in hex: private anonymous memory of the target',
  );
  const address = await askAddress(title, prompt, '');
  return address === undefined ? undefined : hexOf(address);
}

function askAddress(title: string, prompt: string, value: string): Promise<bigint | undefined> {
  const wrong = vscode.l10n.t('This is no address. Write hex digits such as 0x7f1200000000.');
  return type(title, prompt, value, (text) => parseAddress(text) ?? wrong);
}
