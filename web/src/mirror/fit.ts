/** Nobody scrolls a mirror: what is shown gets denser until it fits, and is counted beyond that. */
import { type RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

/** From the most generous; below the last, words cannot be read from two metres. */
const DENSITIES = ["roomy", "snug", "close", "tight"] as const;

interface Fit {
  box: RefObject<HTMLDivElement | null>;
  density: (typeof DENSITIES)[number];
  /** How many of `count` there is room for, at least one. */
  shown: number;
}

/** By layout, not by what is painted: an animation that moves a child must not count. */
function overflows(box: HTMLElement): boolean {
  const last = box.lastElementChild;
  if (!(last instanceof HTMLElement)) return false;
  return last.offsetTop + last.offsetHeight > box.offsetTop + box.offsetHeight;
}

/**
 * Tries one density after the other, then fewer things, each before anything is painted.
 *
 * `content` tells one set of things from another: a new set starts again at the most generous.
 */
export function useFit(count: number, content: string): Fit {
  const box = useRef<HTMLDivElement>(null);
  const [tried, setTried] = useState({ content, attempt: 0 });
  const attempt = tried.content === content ? tried.attempt : 0;
  const densest = DENSITIES.length - 1;
  const shown = count - Math.max(0, attempt - densest);
  useLayoutEffect(() => {
    const more = attempt < densest || shown > 1;
    if (more && box.current && overflows(box.current)) setTried({ content, attempt: attempt + 1 });
  });
  useEffect(() => {
    const startAgain = () => setTried({ content: "", attempt: 0 });
    addEventListener("resize", startAgain);
    return () => removeEventListener("resize", startAgain);
  }, []);
  return { box, density: DENSITIES[Math.min(attempt, densest)] ?? "tight", shown };
}
