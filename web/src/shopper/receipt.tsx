import { useState } from "preact/hooks";
import { get, post } from "../api";
import { Button, Deed } from "../design/button";
import { Icon } from "../design/icons";
import { Picture } from "../design/picture";
import { Preferences } from "../design/preferences";
import { download } from "../download";
import { useSpeech } from "../i18n";
import type { Time } from "../model";
import { LEAVING_WORDS as WORDS } from "./leaving-words";

/** The answer to leaving, and the pseudonym that it is about, which the store no longer knows. */
export interface Receipt {
  receipt: string;
  /** The same as a QR code. */
  svg: string;
  left_at: Time;
  shopper: string;
}

/** `POST /v1/receipts/verify`. */
interface Verified {
  store: string;
  key: string;
  hash: string;
  left_at: Time;
  concerns: boolean | null;
}

const KEPT = "aisle.receipt";

/** A receipt outlives a reload, not the tab: after that only its owner has it. */
export function keptReceipt(): Receipt | null {
  const kept = sessionStorage.getItem(KEPT);
  return kept === null ? null : (JSON.parse(kept) as Receipt);
}

export function keepReceipt(receipt: Receipt | null): void {
  if (receipt === null) sessionStorage.removeItem(KEPT);
  else sessionStorage.setItem(KEPT, JSON.stringify(receipt));
}

/** Whoever gets the file can verify it without the store, by the key in it. */
async function save({ receipt, shopper, left_at }: Receipt): Promise<void> {
  const key = (await (await get("/v1/receipts/key")).json()) as object;
  const content = JSON.stringify({ receipt, shopper, left_at, ...key }, null, 2);
  download(`aisle-receipt-${left_at.slice(0, 10)}.json`, content, "application/json");
}

/** All that is left of somebody who has left. */
export function Farewell({ receipt, onDone }: { receipt: Receipt; onDone(): void }) {
  const { say, day } = useSpeech();
  const [verified, setVerified] = useState<Verified>();
  const { shopper } = receipt;
  const verify = async () =>
    setVerified(
      await post<Verified>("/v1/receipts/verify", { receipt: receipt.receipt, shopper }),
    );
  return (
    <main class="farewell" data-testid="farewell">
      <header>
        <Preferences />
      </header>
      <h1>
        <Icon name="check" size={30} /> {say(WORDS.gone)}
      </h1>
      <p class="soft">{say(WORDS.goneHow)}</p>
      <article class="card receipt">
        <h2>{say(WORDS.receipt)}</h2>
        <p class="small soft">{day(receipt.left_at)}</p>
        <figure class="pass">
          <Picture svg={receipt.svg} label={say(WORDS.receiptQr)} />
        </figure>
        <p class="small">
          {say(WORDS.yourNumber)} <span class="code">{shopper}</span>
        </p>
        <details class="full-text">
          <summary>{say(WORDS.asText)}</summary>
          <p class="code" data-testid="receipt-text">
            {receipt.receipt}
          </p>
        </details>
        <div class="pair">
          <Deed kind="primary" testid="receipt-save" deed={() => save(receipt)}>
            {say(WORDS.save)}
          </Deed>
          <Deed testid="receipt-verify" deed={verify}>
            {say(WORDS.verify)}
          </Deed>
        </div>
        {verified && (
          <p class="news" role="status" data-testid="receipt-verified">
            <Icon name="shield" />
            <span>
              {say(WORDS.verified)} {verified.concerns !== null && say(verified.concerns ? WORDS.yours : WORDS.notYours)}
            </span>
          </p>
        )}
      </article>
      <Button wide testid="receipt-done" onClick={onDone}>
        {say(WORDS.done)}
      </Button>
    </main>
  );
}
