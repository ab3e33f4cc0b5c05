import { useSpeech } from "../i18n";
import type { MirrorItem } from "../model";

/** One article in the room: which size it is, and which others lie in stock. */
export function Item({ item }: { item: MirrorItem }) {
  const { say, money } = useSpeech();
  return (
    <li class="item" data-testid="mirror-item" data-gtin={item.gtin}>
      <div class="item-words">
        <h2>{say(item.name)}</h2>
        <p>{say(item.colour)}</p>
        <p class="price figures">{money(item.price, item.currency)}</p>
      </div>
      <ul class="sizes" aria-label={say({ ko: "사이즈", en: "Sizes" })}>
        {item.sizes.map(({ gtin, size, available }) => {
          const here = gtin === item.gtin;
          const stock =
            available > 0
              ? say({ ko: `${available}개 있음`, en: `${available} in stock` })
              : say({ ko: "품절", en: "sold out" });
          const classes = ["size", available > 0 && "available", here && "here"];
          return (
            <li
              key={gtin}
              class={classes.filter(Boolean).join(" ")}
              data-testid={`size-${gtin}`}
              data-available={available}
            >
              <strong class="figures">{size}</strong>
              <small>{stock}</small>
              {here && <small class="this">{say({ ko: "이 사이즈", en: "this one" })}</small>}
            </li>
          );
        })}
      </ul>
    </li>
  );
}
