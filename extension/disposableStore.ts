/** Collects what must be released together. Pure: no VS Code. */

export interface Disposable {
  dispose(): unknown;
}

export class DisposableStore implements Disposable {
  private readonly disposables: Disposable[] = [];

  /** Keeps `disposable` until the store is disposed, and returns it. */
  add<T extends Disposable>(disposable: T): T {
    this.disposables.push(disposable);
    return disposable;
  }

  /** Disposes everything, last added first. */
  dispose(): void {
    for (const disposable of this.disposables.splice(0).reverse()) {
      disposable.dispose();
    }
  }
}
