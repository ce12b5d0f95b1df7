/** Random numbers that are the same on every run (mulberry32), so that a failing sequence can be repeated. */
export class SeededRandom {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** 0 (inclusive) to 2^32 (exclusive). */
  word(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** A whole number from 0 (inclusive) to `limit` (exclusive). */
  below(limit: number): number {
    return Math.floor((this.word() / 2 ** 32) * limit);
  }

  /** 64 random bits. */
  word64(): bigint {
    return (BigInt(this.word()) << 32n) | BigInt(this.word());
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  bytes(count: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length: count }, () => this.below(256));
  }

  /** `text` after one to four random edits: a cut, a changed character, or a repeated piece. */
  damage(text: string): string {
    let damaged = text;
    for (let edits = 1 + this.below(4); edits > 0; edits--) {
      const at = this.below(damaged.length + 1);
      const rest = damaged.slice(at);
      switch (this.below(3)) {
        case 0:
          damaged = damaged.slice(0, at);
          break;
        case 1:
          damaged = damaged.slice(0, at) + String.fromCharCode(this.below(256)) + rest.slice(1);
          break;
        default:
          damaged = damaged.slice(0, at) + rest.slice(0, this.below(40)) + rest;
      }
    }
    return damaged;
  }
}
