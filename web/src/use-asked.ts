import { useEffect, useState } from "preact/hooks";
import { get, SERVER } from "./api";
import { Problem, UNREACHABLE } from "./problem";

export type Asked<A> =
  | { state: "loading" }
  | { state: "failed"; problem: Problem; again(): void }
  | { state: "ready"; answer: A };

/** The answer to a GET, asked anew whenever `revision` changes; what was got stays until the next is there. */
export function useAsked<A>(path: string, revision: unknown): Asked<A> {
  const [asked, setAsked] = useState<Asked<A>>({ state: "loading" });
  const [round, setRound] = useState(0);
  useEffect(() => {
    let left = false;
    const look = async () => {
      try {
        const answer = (await (await get(path, SERVER)).json()) as A;
        if (!left) setAsked({ state: "ready", answer });
      } catch (failure) {
        const problem = failure instanceof Problem ? failure : UNREACHABLE;
        const again = () => {
          setAsked({ state: "loading" });
          setRound((count) => count + 1);
        };
        if (!left) setAsked({ state: "failed", problem, again });
      }
    };
    void look();
    return () => {
      left = true;
    };
  }, [path, revision, round]);
  return asked;
}
