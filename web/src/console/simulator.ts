/** The demo's simulator: only there when the store view names one. */
import { useEffect, useMemo } from "preact/hooks";
import { type Peer, post } from "../api";
import { Cell, useCell } from "../cell";
import { Live } from "../live";
import type { SimulatorNames, StoreView } from "../model";

export class Simulator {
  readonly live: Live<SimulatorNames>;
  readonly #peer: Peer;

  constructor(peer: Peer) {
    this.#peer = peer;
    this.live = new Live("/sim/live", peer);
  }

  walk(person: string, x: number, y: number): Promise<void> {
    return this.#post(`people/${person}/walk`, { x, y });
  }

  async phone(person: string): Promise<string> {
    return (await this.#post<{ join_code: string }>(`people/${person}/phone`)).join_code;
  }

  placeOrder(person: string): Promise<void> {
    return this.#post(`people/${person}/order`);
  }

  showPass(person: string): Promise<void> {
    return this.#post(`people/${person}/show-pass`);
  }

  setCloud(up: boolean): Promise<void> {
    return this.#post("cloud", { up });
  }

  setStoreBroker(up: boolean): Promise<void> {
    return this.#post("store-broker", { up });
  }

  /** Begins or ends a fault; without a target wherever it can happen. */
  setFault(fault: string, on: boolean, target?: string): Promise<void> {
    return this.#post(`faults/${fault}`, target === undefined ? { on } : { on, target });
  }

  setDoor(bank: string, compartment: number, jammed: boolean): Promise<void> {
    return this.#post(`doors/${bank}/${compartment}`, { jammed });
  }

  async pairMirror(mirror: string): Promise<string> {
    return (await this.#post<{ join_code: string }>(`mirrors/${mirror}/pair`)).join_code;
  }

  bringToMirror(mirror: string, gtins: string[]): Promise<void> {
    return this.#post(`mirrors/${mirror}/items`, { gtins });
  }

  #post<A = void>(path: string, body: unknown = {}): Promise<A> {
    return post<A>(`/sim/${path}`, body, this.#peer);
  }
}

export function useSimulator(address: StoreView["simulator"] | undefined): Simulator | null {
  const url = address?.url;
  const key = address?.key;
  const simulator = useMemo(
    () =>
      url !== undefined && key !== undefined
        ? new Simulator({ base: url.replace(/\/$/, ""), token: key })
        : null,
    [url, key],
  );
  useEffect(() => simulator?.live.start(), [simulator]);
  return simulator;
}

const NOTHING = new Cell<undefined>(undefined);

/** A value of the simulator's live view; undefined without a simulator. */
export function useSimulated<N extends keyof SimulatorNames>(
  simulator: Simulator | null,
  name: N,
): SimulatorNames[N] | undefined {
  const cell: Cell<SimulatorNames[N] | undefined> = simulator?.live.cell(name) ?? NOTHING;
  return useCell(cell);
}
