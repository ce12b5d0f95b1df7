/** What most helper tests share: a helper and targets, all ended after each test. */
import { HelperProcess } from './helperProcess.ts';
import { TargetProcess } from './targetProcess.ts';
import { UffdbgProcess } from './uffdbgProcess.ts';

export class Fixture {
  private readonly started: { stop(): Promise<void> }[] = [];

  async helper(uid?: number): Promise<HelperProcess> {
    return this.keep(await HelperProcess.start(uid));
  }

  /** One that runs as root for this user. */
  async elevatedHelper(
    elevation: 'sudo' | 'pkexec',
    uid: number,
    env: NodeJS.ProcessEnv = {},
  ): Promise<HelperProcess> {
    return this.keep(await HelperProcess.startElevated(elevation, uid, env));
  }

  async target(program: string, ...options: string[]): Promise<TargetProcess> {
    return this.keep(await TargetProcess.start(program, ...options));
  }

  /** A target started by a command that becomes it, such as `setpriv`. */
  async targetBy(wrapper: readonly string[], program: string, ...options: string[]): Promise<TargetProcess> {
    return this.keep(await TargetProcess.startBy(wrapper, program, ...options));
  }

  uffdbg(...args: string[]): UffdbgProcess {
    return this.keep(new UffdbgProcess(...args));
  }

  /** Ends everything started, last first. */
  async stop(): Promise<void> {
    for (const started of this.started.splice(0).reverse()) {
      await started.stop();
    }
  }

  private keep<T extends { stop(): Promise<void> }>(started: T): T {
    this.started.push(started);
    return started;
  }
}
