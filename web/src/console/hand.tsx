/** What can be done with the person or the mirror that is chosen on the plan. */
import type { ComponentChildren } from "preact";
import { Button, Deed } from "../design/button";
import { Icon } from "../design/icons";
import { Badge } from "../design/parts";
import { toast } from "../design/toasts";
import { useSpeech } from "../i18n";
import { type Live, useLatest } from "../live";
import type { Article, ConsoleNames, Person } from "../model";
import { mirrorText } from "../names";
import type { DockedPage } from "./dock";
import type { Selection } from "./plan";
import type { Simulator } from "./simulator";

interface Props {
  simulator: Simulator;
  live: Live<ConsoleNames>;
  people: Person[];
  selection: Selection;
  onSelect(selection: Selection): void;
  onDock(page: DockedPage): void;
}

function Crowd({ people, onSelect }: Pick<Props, "people" | "onSelect">) {
  const { say } = useSpeech();
  return (
    <>
      <p class="small soft hint">
        {say({
          ko: "사람을 끌어 옮기거나 선택하세요.",
          en: "Drag somebody, or choose who to follow.",
        })}
      </p>
      <div class="crowd">
        {people.map((person) => (
          <button
            key={person.id}
            type="button"
            class="someone"
            data-testid={`choose-${person.id}`}
            onClick={() => onSelect({ kind: "person", id: person.id })}
          >
            <span
              class={person.consented ? "body" : "body unknown"}
              style={{ "--colour": person.colour }}
            />
            {say(person.name)}
          </button>
        ))}
      </div>
    </>
  );
}

function Chosen(props: { onSelect: Props["onSelect"]; words: ComponentChildren; children: ComponentChildren }) {
  const { say } = useSpeech();
  return (
    <>
      <div class="chosen-words">{props.words}</div>
      <div class="deeds">
        {props.children}
        <Button
          kind="quiet"
          label={say({ ko: "선택 해제", en: "Let go" })}
          onClick={() => props.onSelect(null)}
        >
          <Icon name="close" />
        </Button>
      </div>
    </>
  );
}

/** Where the store believes somebody is, and how surely. */
function Believed({ person, live }: { person: Person; live: Props["live"] }) {
  const { say, number } = useSpeech();
  const zones = useLatest(live, "store")?.zones;
  const shoppers = useLatest(live, "floor")?.shoppers;
  const believed = shoppers?.find(({ shopper }) => shopper === person.shopper);
  if (!believed) return null;
  const zone = zones?.find(({ id }) => id === believed.zone)?.name;
  const where = say(zone ?? { ko: "구역 밖", en: "Between the zones" });
  const sure = number(believed.confidence * 100);
  const within = number(believed.spread_m, 1);
  return (
    <span class="small figures" data-testid="believed-words">
      {say({
        ko: `추정: ${where}, ${sure}% 확신, ${within}m 이내`,
        en: `Believed: ${where}, ${sure} % sure, within ${within} m`,
      })}
    </span>
  );
}

function OnePerson({ person, simulator, live, onSelect, onDock }: Props & { person: Person }) {
  const { say } = useSpeech();
  const openPhone = async () => {
    const code = await simulator.phone(person.id);
    onDock({ kind: "phone", title: person.name, address: `/shopper/#join=${code}` });
  };
  const order = async () => {
    await simulator.placeOrder(person.id);
    toast({ ko: "허브에 주문을 넣었습니다.", en: "Order placed in the hub." });
  };
  const words = (
    <>
      <strong>
        <span class="body" style={{ "--colour": person.colour }} /> {say(person.name)}
      </strong>
      {!person.consented && (
        <Badge>{say({ ko: "동의 없음 · 추적하지 않음", en: "No consent · not tracked" })}</Badge>
      )}
      <Believed person={person} live={live} />
      <span class="small soft">
        {say({
          ko: "바닥을 누르면 그곳으로 걸어갑니다. 방향키와 Enter도 됩니다.",
          en: "Click the floor to send them there, or arrow keys and Enter.",
        })}
      </span>
    </>
  );
  return (
    <Chosen onSelect={onSelect} words={words}>
      {person.consented && (
        <>
          <Deed kind="primary" testid="open-phone" deed={openPhone}>
            <Icon name="phone" /> {say({ ko: "휴대폰 열기", en: "Open phone" })}
          </Deed>
          <Deed testid="place-order" deed={order}>
            <Icon name="bag" /> {say({ ko: "주문하기", en: "Place an order" })}
          </Deed>
          <Deed testid="show-pass" deed={() => simulator.showPass(person.id)}>
            <Icon name="qr" /> {say({ ko: "보관함에 패스 제시", en: "Show the pass" })}
          </Deed>
        </>
      )}
    </Chosen>
  );
}

/** One article of each style is enough to try a mirror. */
function oneOfEachStyle(articles: Article[]): Article[] {
  return [...new Map(articles.map((article) => [article.style, article])).values()];
}

function OneMirror({ mirror, simulator, live, onSelect, onDock }: Props & { mirror: string }) {
  const { say } = useSpeech();
  const store = useLatest(live, "store");
  const state = useLatest(live, "mirrors")?.mirrors.find(({ id }) => id === mirror);
  const items = state?.items ?? [];
  const openMirror = async () => {
    const code = await simulator.pairMirror(mirror);
    const title = mirrorText(mirror);
    onDock({ kind: "mirror", title, address: `/mirror/#join=${code}` });
  };
  const toggle = (gtin: string) =>
    simulator.bringToMirror(
      mirror,
      items.includes(gtin) ? items.filter((item) => item !== gtin) : [...items, gtin],
    );
  const words = (
    <>
      <strong>{say(mirrorText(mirror))}</strong>
      <span class="small soft">
        {say({ ko: "상품을 가져가 보세요.", en: "Bring goods before it." })}
      </span>
    </>
  );
  return (
    <Chosen onSelect={onSelect} words={words}>
      {oneOfEachStyle(store?.articles ?? []).map((article) => (
        <Deed
          key={article.gtin}
          pressed={items.includes(article.gtin)}
          testid={`bring-${article.gtin}`}
          deed={() => toggle(article.gtin)}
        >
          {say(article.name)}
        </Deed>
      ))}
      <Deed kind="primary" testid="open-mirror" deed={openMirror}>
        <Icon name="mirror" /> {say({ ko: "미러 열기", en: "Open mirror" })}
      </Deed>
    </Chosen>
  );
}

export function Hand(props: Props) {
  const { selection, people } = props;
  const person =
    selection?.kind === "person" ? people.find(({ id }) => id === selection.id) : undefined;
  return (
    <div class="hand" data-testid="hand">
      {person ? (
        <OnePerson {...props} person={person} />
      ) : selection?.kind === "mirror" ? (
        <OneMirror {...props} mirror={selection.id} />
      ) : (
        <Crowd {...props} />
      )}
    </div>
  );
}
