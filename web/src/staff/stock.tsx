import { useState } from "preact/hooks";
import { Icon } from "../design/icons";
import { Empty, Loading } from "../design/parts";
import { useSpeech } from "../i18n";
import type { StockLine } from "../model";
import { WORDS } from "./words";

function fits(line: StockLine, words: string[]): boolean {
  const text = `${line.name.ko} ${line.name.en} ${line.size} ${line.gtin}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

export function Stock({ stock }: { stock: StockLine[] | undefined }) {
  const { say, number } = useSpeech();
  const [query, setQuery] = useState("");
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = stock?.filter((line) => fits(line, words));
  return (
    <section class="stock">
      <label class="search">
        <Icon name="search" />
        <span class="unseen">{say(WORDS.search)}</span>
        <input
          class="input"
          type="search"
          placeholder={say(WORDS.search)}
          value={query}
          data-testid="stock-search"
          onInput={(event) => setQuery(event.currentTarget.value)}
        />
      </label>
      {!found && <Loading height="320px" />}
      {found?.length === 0 && <Empty icon="search" title={say(WORDS.nothingFound)} />}
      {found && found.length > 0 && (
        <table class="card">
          <thead>
            <tr>
              <th>{say(WORDS.article)}</th>
              <th>{say(WORDS.size)}</th>
              <th class="amount">{say(WORDS.onHand)}</th>
              <th class="amount">{say(WORDS.reserved)}</th>
              <th class="amount">{say(WORDS.available)}</th>
            </tr>
          </thead>
          <tbody>
            {found.map((line) => (
              <tr key={line.gtin} data-testid={`stock-${line.gtin}`}>
                <td>
                  {say(line.name)} <span class="code faint">{line.gtin}</span>
                </td>
                <td>{line.size}</td>
                <td class="amount">{number(line.on_hand)}</td>
                <td class="amount faint">{number(line.reserved)}</td>
                <td class={line.available > 0 ? "amount strong" : "amount none-left"}>
                  {number(line.available)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
