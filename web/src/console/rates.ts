/** How many facts a second each lane records, out of counts that come when they change. */
import { useEffect, useRef } from "preact/hooks";
import { useNow } from "../clock";
import type { LaneView } from "../model";

/** Long enough that one fact every few seconds shows, short enough to see a burst end. */
const WINDOW_MS = 30_000;
/** Less says nothing yet. */
const LEAST_MS = 3_000;
/** Between two samples that are kept, so that a window never holds more than 31 of them. */
const STEP_MS = 1_000;

interface Sample {
  at: number;
  recorded: Map<string, number>;
}

/** By lane, facts a second over the last half minute; null while too little is known. */
export function useRates(lanes: readonly LaneView[] | undefined): (lane: LaneView) => number | null {
  const samples = useRef<Sample[]>([]);
  const now = useNow();
  useEffect(() => {
    if (!lanes) return;
    const kept = samples.current;
    const last = kept.at(-1);
    if (last && now - last.at < STEP_MS) return;
    kept.push({ at: now, recorded: new Map(lanes.map(({ lane, recorded }) => [lane, recorded])) });
    while (kept[1] && kept[1].at <= now - WINDOW_MS) kept.shift();
  }, [lanes, now]);
  return ({ lane, recorded }) => {
    const base = samples.current[0];
    const before = base?.recorded.get(lane);
    if (!base || before === undefined || now - base.at < LEAST_MS) return null;
    return Math.max(0, recorded - before) / ((now - base.at) / 1000);
  };
}
