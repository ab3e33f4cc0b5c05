import { useEffect, useState } from "preact/hooks";
import { get } from "../api";
import type { HeatMap } from "../model";
import { Problem, UNREACHABLE } from "../problem";

/** The present hour grows slowly; a look every half minute is enough. */
const EVERY_MS = 30_000;

export type Heat =
  | { state: "loading" }
  | { state: "failed"; problem: Problem; again(): void }
  | { state: "ready"; map: HeatMap };

/** The heat map of the last day, for as long as it is wanted; what was got stays when a look fails. */
export function useHeat(wanted: boolean): Heat {
  const [heat, setHeat] = useState<Heat>({ state: "loading" });
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (!wanted) return;
    let left = false;
    const look = async () => {
      try {
        const map = (await (await get("/v1/floor/heat?hours=24")).json()) as HeatMap;
        if (!left) setHeat({ state: "ready", map });
      } catch (failure) {
        const problem = failure instanceof Problem ? failure : UNREACHABLE;
        const again = () => {
          setHeat({ state: "loading" });
          setRound((count) => count + 1);
        };
        if (!left) setHeat((had) => (had.state === "ready" ? had : { state: "failed", problem, again }));
      }
    };
    void look();
    const timer = setInterval(() => void look(), EVERY_MS);
    return () => {
      left = true;
      clearInterval(timer);
    };
  }, [wanted, round]);
  return heat;
}
