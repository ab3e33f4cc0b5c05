/** A value that can be watched: the only state outside components. */
import { useEffect, useState } from "preact/hooks";

export class Cell<V> {
  #value: V;
  readonly #watchers = new Set<() => void>();

  constructor(value: V) {
    this.#value = value;
  }

  get value(): V {
    return this.#value;
  }

  set value(next: V) {
    if (Object.is(next, this.#value)) return;
    this.#value = next;
    for (const watcher of [...this.#watchers]) watcher();
  }

  /** Calls `watcher` after each change; the answer ends it. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
}

/** The cell's value now, and a new rendering when it changes. */
export function useCell<V>(cell: Cell<V>): V {
  const [, renew] = useState<object>();
  useEffect(() => {
    const show = () => renew({});
    show(); // it may have changed between rendering and this effect
    return cell.watch(show);
  }, [cell]);
  return cell.value;
}
