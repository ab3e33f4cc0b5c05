import { useSpeech } from "../i18n";
import type { MirrorNames } from "../model";
import { useFit } from "./fit";
import { Item } from "./item";
import { Offer } from "./offer";

/** What is in the room, all of it at once, and the coupon that goes with the place. */
export function Room({ view }: { view: MirrorNames["mirror"] }) {
  const { say, language } = useSpeech();
  const { items, offer } = view;
  const content = [language, offer?.campaign, ...items.map(({ gtin }) => gtin)].join(" ");
  const { box, density, shown } = useFit(items.length, content);
  const left = items.length - shown;
  return (
    <div ref={box} class={`room ${density}`}>
      <h1>
        {items.length === 0
          ? say({ ko: "당신을 위한 쿠폰", en: "A coupon, just for here" })
          : say({ ko: "지금 입어 보는 상품", en: "With you now" })}
      </h1>
      {items.length > 0 && (
        <ul class={items.length === 1 ? "items only" : "items"} aria-live="polite">
          {items.slice(0, shown).map((item) => (
            <Item key={item.gtin} item={item} />
          ))}
          {left > 0 && (
            <li class="more figures" data-testid="mirror-more">
              {say({ ko: `외 ${left}개 상품`, en: `+${left} more with you` })}
            </li>
          )}
        </ul>
      )}
      {offer && <Offer offer={offer} />}
    </div>
  );
}
