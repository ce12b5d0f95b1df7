/** Part of the contract between the timeline page and its host: text for the clipboard. */
import { NotificationType } from 'vscode-jsonrpc';

/** Page → host. */
export const CopyAskedNotification = new NotificationType<{ readonly text: string }>('clipboard/copy');
