/** The single answers of a batch, and of a large one those worth telling. Pure. */
import type { BatchResultDto, IoctlResultDto } from '../protocol/ioctls.ts';

/** Answers told at most. */
export const maxResults = 1000;

export class BatchResults {
  private readonly failures: IoctlResultDto[] = [];
  private readonly successes: IoctlResultDto[] = [];
  /** All of them, in order, as long as they are not too many. */
  private readonly all: IoctlResultDto[] = [];
  private succeeded = 0;
  private failed = 0;

  addSuccess(result: IoctlResultDto): void {
    this.succeeded++;
    keep(this.successes, result);
    keep(this.all, result);
  }

  /** One that an ioctl refused, or that was stopped halfway; only the former count as failed. */
  addFailure(result: IoctlResultDto, wasStopped = false): void {
    this.failed += wasStopped ? 0 : 1;
    keep(this.failures, result);
    keep(this.all, result);
  }

  /** @param total how many there were to be; those without an answer are undone */
  dto(total: number): BatchResultDto {
    const { succeeded, failed } = this;
    const isWhole = succeeded + failed <= maxResults;
    const results = isWhole ? this.all : [...this.failures, ...this.successes].slice(0, maxResults);
    return { succeeded, failed, undone: total - succeeded - failed, results };
  }
}

function keep(list: IoctlResultDto[], result: IoctlResultDto): void {
  if (list.length < maxResults) {
    list.push(result);
  }
}
