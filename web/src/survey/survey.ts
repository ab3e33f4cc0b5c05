/** What `edge-agent survey` says, and how the page follows it. */
import { useEffect, useState } from "preact/hooks";
import { get, type Peer } from "../api";
import type { Receiver, StoreView } from "../model";
import { Problem } from "../problem";

/** x and y in metres. */
export type Spot = [number, number];

export interface Plan extends Pick<StoreView, "width_m" | "height_m" | "zones" | "walls"> {
  beacon: string;
  /** How long one spot takes. */
  seconds: number;
  receivers: Record<string, Spot>;
  suggested: Spot[];
}

export interface RecordedSpot {
  id: number;
  at: Spot;
  /** Packets by receiver. */
  heard: Record<string, number>;
  verdict: { packets: number; deaf: string[]; good: boolean };
}

export interface State {
  running: { at: Spot; left_s: number; heard: Record<string, number> } | null;
  /** The last RSSI by receiver, of the last seconds. */
  hearing: Record<string, number>;
  /** Health by receiver. */
  receivers: Record<string, Pick<Receiver, "state" | "reason" | "detail">>;
  spots: RecordedSpot[];
  lacking: { thin: Record<string, number>; holes: Spot[]; unheard: string[] };
  /** The survey's file, once it was written. */
  written: string | null;
}

const ASK_EVERY_MS = 500;

export interface Survey {
  plan: Plan | undefined;
  state: State | undefined;
  /** Whether the last question stayed without an answer. */
  silent: boolean;
  take(state: State): void;
}

/** Asks twice a second; `refused` is called when the program no longer knows this phone. */
export function useSurvey(peer: Peer, refused: () => void): Survey {
  const [plan, setPlan] = useState<Plan>();
  const [state, take] = useState<State>();
  const [silent, setSilent] = useState(false);
  useEffect(() => {
    let timer = 0;
    let over = false;
    const ask = async () => {
      try {
        if (!plan) setPlan((await (await get("/v1/survey/plan", peer)).json()) as Plan);
        const latest = (await (await get("/v1/survey/state", peer)).json()) as State;
        if (over) return;
        take(latest);
        setSilent(false);
      } catch (failure) {
        if (!(failure instanceof Problem)) throw failure;
        if (failure.status === 401) return refused();
        setSilent(true);
      }
      if (!over) timer = setTimeout(() => void ask(), ASK_EVERY_MS);
    };
    void ask();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [peer.token, plan !== undefined]);
  return { plan, state, silent, take };
}

export function apart(a: Spot, b: Spot): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

/** A suggested spot counts as done when something good was recorded this near to it, in metres. */
const SAME_PLACE_M = 0.8;

export function isDone(spot: Spot, spots: RecordedSpot[]): boolean {
  return spots.some(({ at, verdict }) => verdict.good && apart(at, spot) < SAME_PLACE_M);
}

/** Whether anything was recorded there, good or not. */
export function wasThere(spot: Spot, spots: RecordedSpot[]): boolean {
  return spots.some(({ at }) => apart(at, spot) < SAME_PLACE_M);
}
