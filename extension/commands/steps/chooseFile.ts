/** Lets the user choose a file for page contents. */
import * as vscode from 'vscode';
import type { FileIdDto } from '../../../native-helper/protocol/files.ts';
import type { ChosenFileDto } from '../../../webview/protocol.ts';
import type { ChosenFiles } from '../../session/chosenFiles.ts';
import type { DebugSession } from '../../session/debugSession.ts';
import type { SourceContext } from './askSource.ts';

/**
 * Shows the dialog. Undefined when it was left.
 * @throws Error when the file cannot be used; its message is a sentence for people
 */
export async function chooseFile(files: ChosenFiles): Promise<ChosenFileDto | undefined> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Choose the File with the Page’s Bytes'),
      openLabel: vscode.l10n.t('Use'),
    })) ?? [];
  if (uri !== undefined && uri.scheme !== 'file') {
    throw new Error(
      vscode.l10n.t(
        '{0} is not a file of the machine the target runs on. Choose one that is.',
        uri.toString(true),
      ),
    );
  }
  return uri && files.choose(uri.fsPath);
}

/** What source questions need: files by their number, and images that begin with a range. */
export function sourceContext(session: DebugSession, files: ChosenFiles): SourceContext<FileIdDto> {
  return {
    imageBase: session.ranges[0]?.start ?? '',
    chooseFile: async () => {
      const chosen = await chooseFile(files);
      return chosen && { fileId: chosen.fileId };
    },
  };
}
