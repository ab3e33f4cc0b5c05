/** One tick a second for everything that counts up or down on a page. */
import { Cell, useCell } from "./cell";

const now = new Cell(Date.now());
setInterval(() => {
  now.value = Date.now();
}, 1000);

/** Milliseconds since 1970, renewed once a second. */
export function useNow(): number {
  return useCell(now);
}
