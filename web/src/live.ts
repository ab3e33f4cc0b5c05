/**
 * A live view: the latest value per name, pushed by the server over Server-Sent Events.
 *
 * It is read with a fetch stream everywhere, not EventSource: one way for cookie and bearer, and
 * a refusal (401) is told from a broken line. Each connection brings every name anew, so nothing
 * is patched and nothing can be missed.
 */
import { type Peer, requestHeaders } from "./api";
import { Cell, useCell } from "./cell";
import { EventParser } from "./events";

/** `refused`: the server no longer knows who we are; trying again is of no use. */
export type Connection = "connecting" | "open" | "lost" | "refused";

/** The server says something every 15 s; two of those missed and a little more: the line is dead. */
const SILENCE_MS = 35_000;
/** The first wait is up to half a second, the longest up to ten: a page is back before it is missed. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;

type Names<V> = { [N in keyof V]: Cell<V[N] | undefined> };

export class Live<V extends object> {
  readonly connection = new Cell<Connection>("connecting");
  readonly #cells: Partial<Names<V>> = {};
  readonly #url: string;
  readonly #peer: Peer;
  #wake: (() => void) | undefined;

  constructor(path: string, peer: Peer) {
    this.#url = peer.base + path;
    this.#peer = peer;
  }

  /** The newest value of `name`; undefined until the server has said one. */
  cell<N extends keyof V>(name: N): Cell<V[N] | undefined> {
    return (this.#cells[name] ??= new Cell<V[N] | undefined>(undefined));
  }

  /** Connects, and again after each loss, until the answer is called. */
  start(): () => void {
    const stop = new AbortController();
    const wake = () => this.#wake?.();
    addEventListener("online", wake, { signal: stop.signal });
    document.addEventListener("visibilitychange", wake, { signal: stop.signal });
    void this.#run(stop.signal);
    return () => stop.abort();
  }

  async #run(stop: AbortSignal): Promise<void> {
    for (let attempt = 0; !stop.aborted; attempt += 1) {
      const opened = await this.#listen(stop);
      if (stop.aborted || this.connection.value === "refused") return;
      if (opened) attempt = 0;
      this.connection.value = "lost";
      await this.#pause(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt) * Math.random());
    }
  }

  /** Full jitter, cut short when the browser comes online or the page is looked at again. */
  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** One connection to its end; says whether it was ever open. */
  async #listen(stop: AbortSignal): Promise<boolean> {
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), SILENCE_MS);
    let opened = false;
    try {
      const response = await fetch(this.#url, {
        headers: { ...requestHeaders(this.#peer), Accept: "text/event-stream" },
        credentials: "same-origin",
        cache: "no-store",
        signal: AbortSignal.any([stop, silence.signal]),
      });
      if (response.status === 401 || response.status === 403) this.connection.value = "refused";
      if (!response.ok || response.body === null) return false;
      opened = true;
      this.connection.value = "open";
      const parser = new EventParser();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return opened;
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), SILENCE_MS);
        for (const event of parser.push(value)) this.#take(event.name, event.data);
      }
    } catch {
      return opened; // every way to lose a line looks the same to a person: it is tried again
    } finally {
      clearTimeout(timer);
    }
  }

  #take(name: string, data: string): void {
    const key = name as keyof V;
    this.cell(key).value = JSON.parse(data) as V[typeof key];
  }
}

export function useLatest<V extends object, N extends keyof V>(
  live: Live<V>,
  name: N,
): V[N] | undefined {
  return useCell(live.cell(name));
}
