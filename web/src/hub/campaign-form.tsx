import { useState } from "preact/hooks";
import { put } from "../api";
import { Button, useAct } from "../design/button";
import { Field } from "../design/parts";
import { toast } from "../design/toasts";
import { useSpeech } from "../i18n";
import type { Article } from "../model";
import { titleCase } from "../names";
import { WORDS } from "./words";

const DAY_MS = 24 * 60 * 60 * 1000;

interface Draft {
  id: string;
  titleKo: string;
  titleEn: string;
  textKo: string;
  textEn: string;
  zone: string;
  discount: number;
  days: number;
}

const BLANK: Draft = {
  id: "",
  titleKo: "",
  titleEn: "",
  textKo: "(광고) ",
  textEn: "(Advertisement) ",
  zone: "",
  discount: 10_000,
  days: 14,
};

function campaignOf(draft: Draft, gtins: string[], now: number) {
  return {
    title: { ko: draft.titleKo.trim(), en: draft.titleEn.trim() },
    text: { ko: draft.textKo.trim(), en: draft.textEn.trim() },
    zone: draft.zone,
    gtins,
    discount: draft.discount,
    currency: "KRW",
    starts: new Date(now).toISOString(),
    ends: new Date(now + draft.days * DAY_MS).toISOString(),
    stores: null,
  };
}

/** One choice per style: a campaign reduces all its sizes. */
function Goods(props: { articles: Article[]; styles: string[]; onChange(styles: string[]): void }) {
  const { say } = useSpeech();
  const all = [...new Map(props.articles.map((article) => [article.style, article])).values()];
  const toggle = (style: string) =>
    props.onChange(
      props.styles.includes(style)
        ? props.styles.filter((each) => each !== style)
        : [...props.styles, style],
    );
  return (
    <div class="field" role="group" aria-label={say(WORDS.goods)}>
      <span class="label">{say(WORDS.goods)}</span>
      <div class="goods">
        {all.map((article) => (
          <Button
            key={article.style}
            pressed={props.styles.includes(article.style)}
            testid={`goods-${article.style}`}
            onClick={() => toggle(article.style)}
          >
            {say(article.name)}
          </Button>
        ))}
      </div>
    </div>
  );
}

export function CampaignForm(props: { zones: string[]; articles: Article[]; onPublished(): void }) {
  const { say } = useSpeech();
  const [draft, setDraft] = useState<Draft>({ ...BLANK, zone: props.zones[0] ?? "" });
  const [styles, setStyles] = useState<string[]>([]);
  const { busy, act } = useAct();
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const publish = async () => {
    const reduced = props.articles.filter((article) => styles.includes(article.style));
    if (reduced.length === 0) return toast(WORDS.pickGoods, "bad");
    const gtins = reduced.map((article) => article.gtin);
    await put(`/v1/campaigns/${encodeURIComponent(draft.id)}`, campaignOf(draft, gtins, Date.now()));
    toast(WORDS.published);
    props.onPublished();
  };
  const words = (field: "titleKo" | "titleEn" | "textKo" | "textEn", longest: number) => (
    <Field label={say(WORDS[field])}>
      <input
        class="input"
        required
        maxLength={longest}
        value={draft[field]}
        data-testid={`campaign-${field}`}
        onInput={(event) => change({ [field]: event.currentTarget.value })}
      />
    </Field>
  );
  return (
    <form
      class="form"
      data-testid="campaign-form"
      onSubmit={(event) => {
        event.preventDefault();
        void act(publish);
      }}
    >
      <div class="pair">
        <Field label={say(WORDS.id)}>
          <input
            class="input code"
            required
            pattern="[a-z0-9][a-z0-9\-]{0,62}"
            placeholder="runner-winter"
            value={draft.id}
            data-testid="campaign-id"
            onInput={(event) => change({ id: event.currentTarget.value })}
          />
        </Field>
        <Field label={say(WORDS.zone)}>
          <select
            class="input"
            value={draft.zone}
            data-testid="campaign-zone"
            onChange={(event) => change({ zone: event.currentTarget.value })}
          >
            {props.zones.map((zone) => (
              <option key={zone} value={zone}>
                {titleCase(zone)}
              </option>
            ))}
          </select>
        </Field>
        {words("titleKo", 60)}
        {words("titleEn", 60)}
      </div>
      {words("textKo", 200)}
      {words("textEn", 200)}
      <Goods articles={props.articles} styles={styles} onChange={setStyles} />
      <div class="pair">
        <Field label={say(WORDS.discount)}>
          <input
            class="input"
            type="number"
            min={100}
            step={100}
            required
            value={draft.discount}
            onInput={(event) => change({ discount: event.currentTarget.valueAsNumber })}
          />
        </Field>
        <Field label={say(WORDS.days)}>
          <input
            class="input"
            type="number"
            min={1}
            max={365}
            required
            value={draft.days}
            data-testid="campaign-days"
            onInput={(event) => change({ days: event.currentTarget.valueAsNumber })}
          />
        </Field>
      </div>
      <Button kind="primary" size="large" type="submit" busy={busy} testid="campaign-publish">
        {say(WORDS.publishNow)}
      </Button>
    </form>
  );
}
