/** A batch that a page asked for. It goes on when the page is gone, for whoever follows it then. Pure: no VS Code. */
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import type { BatchResultDto } from '../../native-helper/protocol/ioctls.ts';
import type { BatchControl } from '../helper/helperClient.ts';

export class PageBatch {
  /** As the palette would call it. */
  readonly ioctl: string;
  readonly result: Promise<BatchResultDto>;
  private readonly source = new CancellationTokenSource();
  private onProgress: BatchControl['onProgress'];
  private latest: { readonly done: number; readonly total: number } | undefined;

  constructor(ioctl: string, run: (control: BatchControl) => Promise<BatchResultDto>) {
    this.ioctl = ioctl;
    this.result = run({
      cancellation: this.source.token,
      onProgress: (progress) => {
        this.latest = progress;
        this.onProgress?.(progress);
      },
    });
  }

  /** Sends its progress here from now on, the latest at once, and takes a cancel from here too. */
  follow({ onProgress, cancellation }: BatchControl): Promise<BatchResultDto> {
    this.onProgress = onProgress;
    if (this.latest !== undefined) {
      onProgress?.(this.latest);
    }
    cancellation?.onCancellationRequested(() => this.source.cancel());
    return this.result;
  }
}
