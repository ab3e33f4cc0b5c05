import { type Peer, post } from "../api";
import { useAct } from "../design/button";
import { Icon, type IconName } from "../design/icons";
import { Switch } from "../design/parts";
import { Sheet } from "../design/sheet";
import { useSpeech } from "../i18n";
import type { Me, MyOrder, Purpose, Text, Zone } from "../model";
import { Problem } from "../problem";
import { CONSENT_WORDS as WORDS } from "./consent-words";
import { Leaving } from "./leaving";
import type { Receipt } from "./receipt";
import { Record } from "./record";
import { type Asked, PURPOSES, useTexts } from "./texts";
import { FullText, NoTexts } from "./wording";

/** What the sheet shows: the consents, the record, the way out. */
export type MyView = "consents" | "record" | "leaving";

interface Props {
  me: Me;
  orders: MyOrder[];
  zones: Pick<Zone, "id" | "name">[];
  peer: Peer;
  view: MyView;
  onView(view: MyView | null): void;
  onLeft(receipt: Receipt): void;
  onGone(why: Text): void;
}

const TITLES: { [view in MyView]: Text } = {
  consents: WORDS.me,
  record: WORDS.record,
  leaving: WORDS.leave,
};

/** The place that coupons name for taking consent back. */
export function MySheet(props: Props) {
  const { say } = useSpeech();
  const { me, peer, view, onView } = props;
  return (
    <Sheet title={say(TITLES[view])} onClose={() => onView(null)}>
      {view === "consents" && <Consents me={me} peer={peer} onView={onView} />}
      {view === "record" && <Record peer={peer} zones={props.zones} />}
      {view === "leaving" && (
        <Leaving
          me={me}
          orders={props.orders}
          peer={peer}
          onBack={() => onView("consents")}
          onLeft={props.onLeft}
          onGone={props.onGone}
        />
      )}
    </Sheet>
  );
}

function Consents({ me, peer, onView }: Pick<Props, "me" | "peer" | "onView">) {
  const { say } = useSpeech();
  const asked = useTexts();
  return (
    <div class="mine">
      <p class="small soft">{say(WORDS.consentsNote)}</p>
      {!asked.texts && <NoTexts asked={asked} />}
      <ul class="rows">
        {PURPOSES.map((purpose) => (
          <li key={purpose}>
            <OneConsent purpose={purpose} me={me} peer={peer} asked={asked} />
          </li>
        ))}
      </ul>
      <ul class="rows">
        <Way icon="search" title={WORDS.record} note={WORDS.recordNote} testid="record" go={() => onView("record")} />
        <Way icon="out" title={WORDS.leave} note={WORDS.leaveNote} testid="leave" go={() => onView("leaving")} />
      </ul>
    </div>
  );
}

/** Off is off with the tap, without the texts; on needs the words that are agreed to. */
function OneConsent(props: { purpose: Purpose; me: Me; peer: Peer; asked: Asked }) {
  const { say, language } = useSpeech();
  const { busy, act } = useAct();
  const { purpose, me, peer, asked } = props;
  const { texts } = asked;
  const change = async (given: boolean) => {
    const words = given ? { text_version: texts?.version, language } : {};
    try {
      await post("/v1/me/consents", { purpose, given, ...words }, peer);
    } catch (failure) {
      if (failure instanceof Problem && failure.code === "text_outdated") void asked.ask();
      throw failure;
    }
  };
  return (
    <>
      <Switch
        on={me.consents[purpose]}
        title={say(WORDS[purpose])}
        note={say(WORDS[`${purpose}Note`])}
        busy={busy || (!texts && !me.consents[purpose])}
        testid={`consent-${purpose}`}
        onChange={(given) => void act(() => change(given))}
      />
      <Term purpose={purpose} me={me} />
      {texts && <FullText texts={texts} purpose={purpose} />}
    </>
  );
}

function Term({ purpose, me }: { purpose: Purpose; me: Me }) {
  const { say, date } = useSpeech();
  const since = me.given_at[purpose];
  const until = me.until[purpose];
  if (since !== undefined && until !== undefined) {
    return (
      <p class="small soft term" data-testid={`term-${purpose}`}>
        {say({
          ko: `${date(since)} 동의 · ${date(until)}까지`,
          en: `Given ${date(since)}, until ${date(until)}`,
        })}
      </p>
    );
  }
  return me.lapsed.includes(purpose) ? (
    <p class="small term lapsed">
      <Icon name="alert" size={16} /> {say(WORDS.lapsed)}
    </p>
  ) : null;
}

function Way(props: { icon: IconName; title: Text; note: Text; testid: string; go(): void }) {
  const { say } = useSpeech();
  return (
    <li>
      <button type="button" class="way" data-testid={props.testid} onClick={props.go}>
        <Icon name={props.icon} />
        <span class="words">
          {say(props.title)}
          <small>{say(props.note)}</small>
        </span>
        <Icon name="arrow" size={18} />
      </button>
    </li>
  );
}
