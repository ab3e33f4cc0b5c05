import type { Peer } from "../api";
import { useNow } from "../clock";
import { Icon, Mark } from "../design/icons";
import { OfflineBadge } from "../design/link-badge";
import { Joining, useGuest } from "../guest";
import { useSpeech } from "../i18n";
import { useLatest } from "../live";
import type { MirrorNames, Text } from "../model";
import { show } from "../page";
import { useLive } from "../use-live";
import "./mirror.css";
import { Room } from "./room";

const WELCOME: Text = { ko: "상품을 가까이 가져와 보세요", en: "Bring something you like" };
const WELCOME_WHY: Text = {
  ko: "사이즈와 재고를 바로 보여 드립니다",
  en: "See its sizes in stock, right here",
};

function Idle({ name }: { name: Text | undefined }) {
  const { say, language } = useSpeech();
  const now = new Date(useNow());
  const tag = language === "ko" ? "ko-KR" : "en-GB";
  const time = now.toLocaleTimeString(tag, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const day = now.toLocaleDateString(tag, { weekday: "long", month: "long", day: "numeric" });
  return (
    <div class="idle" data-testid="mirror-idle">
      <p class="store">
        <Mark size={40} />
        {name ? say(name) : "Aisle"}
      </p>
      <div class="moment">
        <time class="figures">{time}</time>
        <p>{day}</p>
      </div>
      <p class="welcome">
        <strong>{say(WELCOME)}</strong>
        <span>{say(WELCOME_WHY)}</span>
      </p>
    </div>
  );
}

function Mirror({ peer, leave }: { peer: Peer; leave(): void }) {
  const live = useLive<MirrorNames>("/v1/live/mirror", peer, leave);
  const view = useLatest(live, "mirror");
  const link = useLatest(live, "link");
  const store = useLatest(live, "store");
  const awake = view !== undefined && (view.items.length > 0 || view.offer !== null);
  return (
    <main class="glass" data-testid="mirror" data-mirror={view?.id} data-session={view?.session ?? ""}>
      <div class={awake ? "lights dimmed" : "lights"} aria-hidden="true">
        <span />
        <span />
        <span />
      </div>
      {awake ? <Room key={view.session} view={view} /> : <Idle name={store?.name} />}
      <div class="corner">
        <OfflineBadge connection={live.connection} link={link} />
      </div>
    </main>
  );
}

function Unpaired({ refusal }: { refusal: Text | null }) {
  const { say } = useSpeech();
  return (
    <main class="glass unpaired" data-testid="outside">
      <Mark size={72} />
      <h1>{say({ ko: "이 미러는 아직 연결되지 않았습니다", en: "This mirror is not paired yet" })}</h1>
      {refusal && (
        <p class="refusal" role="alert">
          <Icon name="alert" /> {say(refusal)}
        </p>
      )}
      <p>
        {say({
          ko: "콘솔에서 이 미러를 선택하고 ‘미러 열기’를 눌러 주세요.",
          en: "In the console choose this mirror and press “Open mirror”.",
        })}
      </p>
    </main>
  );
}

function Page() {
  const { guest, leave } = useGuest("mirror");
  return (
    <Joining guest={guest} outside={(refusal) => <Unpaired refusal={refusal} />}>
      {(peer) => <Mirror peer={peer} leave={leave} />}
    </Joining>
  );
}

show(<Page />);
