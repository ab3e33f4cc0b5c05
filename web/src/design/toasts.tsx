import { Cell, useCell } from "../cell";
import { useSpeech } from "../i18n";
import type { Text } from "../model";
import { Icon } from "./icons";

interface Toast {
  id: number;
  text: Text;
  tone: "good" | "bad";
}

/** Long enough to read two lines aloud, short enough not to lie over the next act. */
const SHOWN_MS = 5000;
const AT_ONCE = 3;

const toasts = new Cell<Toast[]>([]);
let count = 0;

export function toast(text: Text, tone: Toast["tone"] = "good"): void {
  const id = (count += 1);
  toasts.value = [...toasts.value, { id, text, tone }].slice(-AT_ONCE);
  setTimeout(() => {
    toasts.value = toasts.value.filter((shown) => shown.id !== id);
  }, SHOWN_MS);
}

export function Toasts() {
  const { say } = useSpeech();
  return (
    <div class="toasts" role="status" aria-live="polite" data-testid="toasts">
      {useCell(toasts).map(({ id, text, tone }) => (
        <div key={id} class={`toast ${tone}`}>
          <Icon name={tone === "good" ? "check" : "alert"} />
          {say(text)}
        </div>
      ))}
    </div>
  );
}
