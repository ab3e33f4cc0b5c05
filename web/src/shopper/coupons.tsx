import { useEffect, useRef, useState } from "preact/hooks";
import { useNow } from "../clock";
import { Empty, Loading } from "../design/parts";
import { duration, useSpeech } from "../i18n";
import type { MyCoupon, Text } from "../model";
import { WORDS } from "./words";

/** The last ten minutes of a coupon are said in another colour. */
const SOON_MS = 10 * 60 * 1000;

function Expiry({ expires }: { expires: string }) {
  const { say, time } = useSpeech();
  const left = Date.parse(expires) - useNow();
  const rest = duration(left);
  return (
    <p class={left < SOON_MS ? "expiry soon" : "expiry"}>
      {say({
        ko: `${time(expires)}까지 · ${rest.ko} 남음`,
        en: `until ${time(expires)} · ${rest.en} left`,
      })}
    </p>
  );
}

function Ticket({ coupon }: { coupon: MyCoupon }) {
  const { say, money } = useSpeech();
  return (
    <article class="ticket" data-testid="coupon" data-campaign={coupon.campaign} data-state={coupon.state}>
      <div class="ticket-top">
        <p class="discount">
          {money(coupon.discount, coupon.currency)}
          <small>{say(WORDS.off)}</small>
        </p>
        <h3>{say(coupon.title)}</h3>
        <p class="small">{say(coupon.text)}</p>
      </div>
      <div class="ticket-code">
        <p class="small">{say(WORDS.showAtTill)}</p>
        <p class="code" data-testid="coupon-code">
          {coupon.code}
        </p>
        <Expiry expires={coupon.expires} />
      </div>
    </article>
  );
}

function Spent({ coupon }: { coupon: MyCoupon }) {
  const { say, day } = useSpeech();
  return (
    <li class="spent coupon" data-testid="coupon" data-campaign={coupon.campaign} data-state={coupon.state}>
      <span>{say(coupon.title)}</span>
      <span class="small faint">
        {say(coupon.state === "redeemed" ? WORDS.redeemed : WORDS.expired)} · {day(coupon.offered_at)}
      </span>
    </li>
  );
}

/** Says each coupon that comes while the page is open, once, to those who listen to it. */
function Announcement({ coupons }: { coupons: MyCoupon[] | undefined }) {
  const { say } = useSpeech();
  const known = useRef<Set<string | null> | null>(null);
  const [news, setNews] = useState<MyCoupon | null>(null);
  useEffect(() => {
    if (!coupons) return;
    const fresh = known.current && coupons.find(({ code }) => !known.current?.has(code));
    if (fresh) setNews(fresh);
    known.current = new Set(coupons.map(({ code }) => code));
  }, [coupons]);
  return (
    <p class="unseen" aria-live="polite" data-testid="coupon-news">
      {news && `${say(WORDS.newCoupon)}: ${say(news.title)}`}
    </p>
  );
}

interface Props {
  coupons: MyCoupon[] | undefined;
  /** Why none can come. */
  never: Text | null;
}

export function Coupons({ coupons, never }: Props) {
  const { say } = useSpeech();
  const open = coupons?.filter((coupon) => coupon.state === "offered") ?? [];
  const spent = coupons?.filter((coupon) => coupon.state !== "offered") ?? [];
  return (
    <section aria-labelledby="coupons">
      <h2 id="coupons">{say(WORDS.coupons)}</h2>
      <Announcement coupons={coupons} />
      {!coupons && <Loading height="180px" />}
      {open.map((coupon) => (
        <Ticket key={coupon.code} coupon={coupon} />
      ))}
      {coupons && open.length === 0 && (
        <div class="card">
          <Empty icon="ticket" title={say(WORDS.noCoupons)}>
            {say(never ?? WORDS.noCouponsWhy)}
          </Empty>
        </div>
      )}
      {spent.length > 0 && (
        <ul class="card rows spent-list">
          {spent.map((coupon) => (
            <Spent key={coupon.code} coupon={coupon} />
          ))}
        </ul>
      )}
    </section>
  );
}
