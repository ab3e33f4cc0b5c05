/** The lock beside a fact about a person: open while their key lives, closed when it is gone. */
import { useSpeech } from "../i18n";
import type { Seal } from "../model";
import { Icon } from "./icons";

const WORDS = {
  opened: { ko: "개인 키로 봉인되어 있고, 키가 있어 읽을 수 있습니다", en: "Sealed with the person's key, which is here" },
  closed: { ko: "봉인됨: 열 수 있는 키가 없습니다", en: "Sealed: nobody here has the key" },
};

export function SealMark({ seal }: { seal: Seal }) {
  const { say } = useSpeech();
  if (seal === "none") return null;
  return (
    <span class="seal-mark" title={say(WORDS[seal])} data-testid="seal" data-seal={seal}>
      <Icon name={seal === "closed" ? "lock" : "unlocked"} size={13} />
    </span>
  );
}
