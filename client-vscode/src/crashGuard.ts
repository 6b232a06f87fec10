/** Decides whether a server that died is started again: a few times, never in a loop. */
export class CrashGuard {
  private readonly crashes: number[] = [];

  constructor(
    private readonly limit = 3,
    private readonly windowMs = 180_000,
    private readonly now: () => number = Date.now,
  ) {}

  mayRestart(): boolean {
    const time = this.now();
    while (this.crashes[0] !== undefined && time - this.crashes[0] > this.windowMs) this.crashes.shift();
    this.crashes.push(time);
    return this.crashes.length <= this.limit;
  }
}
