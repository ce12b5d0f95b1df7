/**
 * What was tried on each fault, in order: `COPY EEXIST, WAKE`. A million faults have few
 * different stories, so each is kept once, as a node that continues another one:
 *
 *     (none) ── COPY ── …
 *         └─ COPY EEXIST ── WAKE
 */
import { errnoName } from '../../native-helper/abi/errnoText.ts';
import { rowKinds } from '../../native-helper/log/eventRows.ts';

/** The story of a fault on which nothing was tried. */
export const noIoctls = 0;

/** More than there are, for making one number of a story and what follows it. */
const kindCount = 64;
const errnoCount = 0x10000;

interface Story {
  readonly before: number;
  readonly kind: number;
  readonly errno: number;
  readonly isDontWake: boolean;
  /** How often the same ioctl had the same result in a row. */
  readonly times: number;
  /** errno of the last ioctl so far that failed, 0 when none did. */
  readonly lastErrno: number;
}

export class IoctlStories {
  private readonly stories: Story[] = [
    { before: noIoctls, kind: -1, errno: 0, isDontWake: false, times: 0, lastErrno: 0 },
  ];
  private readonly continued = new Map<number, number>();
  private readonly told: string[] = [''];
  // Nearly every fault has the story of the one before it.
  private lastKey = -1;
  private lastStory = noIoctls;

  /** Number of different stories, the empty one among them. */
  get count(): number {
    return this.stories.length;
  }

  /**
   * The story `story` continued by one ioctl.
   * @param kind wire value of its row kind
   */
  after(story: number, kind: number, errno: number, isDontWake: boolean): number {
    const key = ((story * kindCount + kind) * errnoCount + errno) * 2 + (isDontWake ? 1 : 0);
    if (key === this.lastKey) {
      return this.lastStory;
    }
    let next = this.continued.get(key);
    if (next === undefined) {
      next = this.stories.length;
      this.stories.push(this.continuation(story, { kind, errno, isDontWake }));
      this.continued.set(key, next);
    }
    this.lastKey = key;
    this.lastStory = next;
    return next;
  }

  /** errno of the last ioctl of the story that failed; 0 when none did. */
  lastErrno(story: number): number {
    return this.stories[story]!.lastErrno;
  }

  /** The story in words: `COPY DONTWAKE, WAKE`; empty when nothing was tried. */
  words(story: number): string {
    return (this.told[story] ??= this.tell(story));
  }

  private continuation(story: number, ioctl: Pick<Story, 'kind' | 'errno' | 'isDontWake'>): Story {
    const last = this.stories[story]!;
    const lastErrno = ioctl.errno === 0 ? last.lastErrno : ioctl.errno;
    const isSame =
      last.kind === ioctl.kind && last.errno === ioctl.errno && last.isDontWake === ioctl.isDontWake;
    return isSame ? { ...last, times: last.times + 1 } : { ...ioctl, before: story, times: 1, lastErrno };
  }

  private tell(story: number): string {
    const { before, kind, errno, isDontWake, times } = this.stories[story]!;
    const parts = [
      (rowKinds[kind] ?? 'unknown').toUpperCase(),
      ...(isDontWake ? ['DONTWAKE'] : []),
      ...(errno === 0 ? [] : [errnoName(errno)]),
      ...(times === 1 ? [] : [`× ${times}`]),
    ];
    return [this.words(before), parts.join(' ')].filter((part) => part !== '').join(', ');
  }
}
