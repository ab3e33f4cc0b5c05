import { Icon } from "../design/icons";
import { useSpeech } from "../i18n";
import type { OfferView } from "../model";

/** The coupon of somebody near; its code stays on their phone. */
export function Offer({ offer }: { offer: OfferView }) {
  const { say, money, time } = useSpeech();
  return (
    <section class="offer" aria-live="polite" data-testid="mirror-offer" data-campaign={offer.campaign}>
      <p class="gain figures">
        {money(offer.discount, offer.currency)}
        <small>{say({ ko: "할인", en: "off" })}</small>
      </p>
      <div>
        <h2>{say(offer.title)}</h2>
        <p>{say(offer.text)}</p>
        <p class="phone-hint">
          <Icon name="phone" size={22} />
          {say({
            ko: `코드는 휴대폰에 있습니다 · ${time(offer.expires)}까지`,
            en: `The code is on your phone · until ${time(offer.expires)}`,
          })}
        </p>
      </div>
    </section>
  );
}
