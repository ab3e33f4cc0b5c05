import { useState } from "preact/hooks";
import { post } from "../api";
import { Button, useAct } from "../design/button";
import { Icon } from "../design/icons";
import { Field } from "../design/parts";
import { toast } from "../design/toasts";
import { type Language, useSpeech } from "../i18n";
import type { Article } from "../model";
import { titleCase } from "../names";
import { WORDS } from "./words";

/** More of one article in one order is a mistake of the hand. */
const MOST_OF_ONE = 9;

interface Line {
  gtin: string;
  quantity: number;
}

interface LineProps {
  line: Line;
  articles: Article[];
  onChange(line: Line): void;
  onDrop: (() => void) | undefined;
}

function LineFields({ line, articles, onChange, onDrop }: LineProps) {
  const { say } = useSpeech();
  return (
    <div class="line-fields">
      <Field label={say(WORDS.article)}>
        <select
          class="input"
          value={line.gtin}
          data-testid="order-article"
          onChange={(event) => onChange({ ...line, gtin: event.currentTarget.value })}
        >
          {articles.map((article) => (
            <option key={article.gtin} value={article.gtin}>
              {`${say(article.name)} · ${say(article.colour)} · ${article.size}`}
            </option>
          ))}
        </select>
      </Field>
      <Field label={say(WORDS.quantity)} class="quantity">
        <input
          class="input"
          type="number"
          min={1}
          max={MOST_OF_ONE}
          required
          value={line.quantity}
          onInput={(event) => onChange({ ...line, quantity: event.currentTarget.valueAsNumber })}
        />
      </Field>
      {onDrop && (
        <Button kind="quiet" label={say(WORDS.dropLine)} onClick={onDrop}>
          <Icon name="minus" />
        </Button>
      )}
    </div>
  );
}

function orderLines(lines: Line[], articles: Article[]) {
  return lines.flatMap(({ gtin, quantity }) => {
    const article = articles.find((each) => each.gtin === gtin);
    return article ? [{ gtin, quantity, name: article.name, size: article.size }] : [];
  });
}

export function OrderForm(props: { stores: string[]; articles: Article[]; onPlaced(): void }) {
  const { say, language: spoken } = useSpeech();
  const { stores, articles } = props;
  const first: Line = { gtin: articles[0]?.gtin ?? "", quantity: 1 };
  const [store, setStore] = useState(stores[0] ?? "");
  const [lines, setLines] = useState<Line[]>([first]);
  const [collector, setCollector] = useState("");
  const [phone, setPhone] = useState("");
  const [shopper, setShopper] = useState("");
  const [language, setLanguage] = useState<Language>(spoken);
  const { busy, act } = useAct();
  const place = async () => {
    const { order } = await post<{ order: string }>(`/v1/stores/${store}/orders`, {
      lines: orderLines(lines, articles),
      collector: collector.trim(),
      phone_last4: phone,
      shopper: shopper.trim() || null,
      language,
    });
    toast({ ko: `주문 ${order}을 매장에 보냈습니다.`, en: `Order ${order} is on its way to the store.` });
    props.onPlaced();
  };
  return (
    <form
      class="form"
      data-testid="order-form"
      onSubmit={(event) => {
        event.preventDefault();
        void act(place);
      }}
    >
      <Field label={say(WORDS.store)}>
        <select class="input" value={store} onChange={(event) => setStore(event.currentTarget.value)}>
          {stores.map((id) => (
            <option key={id} value={id}>
              {titleCase(id)}
            </option>
          ))}
        </select>
      </Field>
      {lines.map((line, index) => (
        <LineFields
          key={index}
          line={line}
          articles={articles}
          onChange={(changed) => setLines(lines.with(index, changed))}
          onDrop={lines.length > 1 ? () => setLines(lines.toSpliced(index, 1)) : undefined}
        />
      ))}
      <Button kind="quiet" onClick={() => setLines([...lines, first])}>
        <Icon name="plus" /> {say(WORDS.addLine)}
      </Button>
      <div class="pair">
        <Field label={say(WORDS.collector)}>
          <input
            class="input"
            required
            maxLength={60}
            value={collector}
            data-testid="order-collector"
            onInput={(event) => setCollector(event.currentTarget.value)}
          />
        </Field>
        <Field label={say(WORDS.phone)}>
          <input
            class="input"
            required
            inputMode="numeric"
            pattern="[0-9]{4}"
            maxLength={4}
            value={phone}
            data-testid="order-phone"
            onInput={(event) => setPhone(event.currentTarget.value)}
          />
        </Field>
        <Field label={say(WORDS.shopper)}>
          <input
            class="input"
            maxLength={60}
            value={shopper}
            data-testid="order-shopper"
            onInput={(event) => setShopper(event.currentTarget.value)}
          />
        </Field>
        <Field label={say(WORDS.language)}>
          <select
            class="input"
            value={language}
            onChange={(event) => setLanguage(event.currentTarget.value === "en" ? "en" : "ko")}
          >
            <option value="ko">한국어</option>
            <option value="en">English</option>
          </select>
        </Field>
      </div>
      <Button kind="primary" size="large" type="submit" busy={busy} testid="order-place">
        {say(WORDS.place)}
      </Button>
    </form>
  );
}
