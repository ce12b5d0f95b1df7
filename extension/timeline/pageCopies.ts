/** Puts what a timeline page asks for onto the clipboard. Pure: no VS Code. */
import * as v from 'valibot';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import { CopyAskedNotification } from '../../webview/copyProtocol.ts';
import { firstProblem, type ReportProblem } from './pageConnection.ts';
import { pageSchemas } from './pageSchemas.ts';

export interface ClipboardHost {
  copy(text: string): void;
  reportProblem: ReportProblem;
}

/** Adds the handler to a connection that is not listening yet. */
export function takeCopies(connection: MessageConnection, host: ClipboardHost): void {
  connection.onNotification(CopyAskedNotification.method, (params: unknown) => {
    const parsed = v.safeParse(pageSchemas.copyAsked, params);
    if (parsed.success) {
      host.copy(parsed.output.text);
    } else {
      host.reportProblem(`${CopyAskedNotification.method}: ${firstProblem(parsed.issues)}.`);
    }
  });
}
