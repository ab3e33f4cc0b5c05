/** What a page can reach: the server behind it, and the cloud behind the server. */
import { useCell } from "../cell";
import { useSpeech } from "../i18n";
import type { Connection } from "../live";
import type { Cell } from "../cell";
import type { LinkView, Text } from "../model";
import { Badge, type Tone } from "./parts";

interface Words {
  tone: Tone;
  dot: "still" | "pulse";
  text: Text;
}

const PAGE_LOST: Words = {
  tone: "bad",
  dot: "pulse",
  text: { ko: "연결 끊김 · 다시 연결 중", en: "Disconnected · reconnecting" },
};

const CLOUD: Record<LinkView["cloud"], Words> = {
  online: { tone: "good", dot: "still", text: { ko: "클라우드 연결됨", en: "Cloud online" } },
  offline: { tone: "warn", dot: "pulse", text: { ko: "클라우드 오프라인", en: "Cloud offline" } },
  connecting: { tone: "info", dot: "pulse", text: { ko: "클라우드 연결 중", en: "Cloud connecting" } },
};

function waitingText(waiting: number): Text {
  return { ko: ` · 대기 ${waiting}건`, en: ` · ${waiting} waiting` };
}

interface Props {
  connection: Cell<Connection>;
  link: LinkView | undefined;
}

/** Always there on the pages of staff; `data-cloud` says the state to tests. */
export function LinkBadge({ connection, link }: Props) {
  const { say } = useSpeech();
  const lost = useCell(connection) === "lost";
  if (!lost && !link) return null;
  const words = lost || !link ? PAGE_LOST : CLOUD[link.cloud];
  const behind = !lost && link && link.cloud !== "online" && link.waiting > 0;
  return (
    <span
      class="link-badge"
      role="status"
      data-testid="cloud-badge"
      data-cloud={lost ? "lost" : link?.cloud}
    >
      <Badge tone={words.tone} dot={words.dot}>
        {say(words.text)}
        {behind && <span class="behind">{say(waitingText(link.waiting))}</span>}
      </Badge>
    </span>
  );
}

/** For shoppers and mirrors: nothing while all is well, one quiet word otherwise. */
export function OfflineBadge({ connection, link }: Props) {
  const { say } = useSpeech();
  const lost = useCell(connection) === "lost";
  if (!lost && link?.cloud !== "offline") return null;
  const text = lost
    ? PAGE_LOST.text
    : { ko: "오프라인 · 매장은 정상 운영", en: "Offline · the store works on" };
  return (
    <span role="status" data-testid="cloud-badge" data-cloud={lost ? "lost" : "offline"}>
      <Badge tone={lost ? "bad" : "warn"} dot="pulse">
        {say(text)}
      </Badge>
    </span>
  );
}
