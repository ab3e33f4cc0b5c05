/** Ids turned into names that people know, as far as this console knows them. */
import type { Article, Person, StoreView, Text } from "./model";

export interface Names {
  shopper(pseudonym: unknown): Text;
  zone(id: unknown): Text;
  article(gtin: unknown): Text;
}

function plain(id: unknown): Text {
  const text = typeof id === "string" || typeof id === "number" ? String(id) : "–";
  return { ko: text, en: text };
}

/** `fitting-1` as `Fitting 1`: an id whose name is not known here, for people to read. */
export function titleCase(id: string): string {
  return id
    .split(/[-_]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ");
}

/** `shoes-mirror` and `fitting-1` as the `Shoes` and the `Fitting 1` mirror. */
export function mirrorText(id: string): Text {
  const where = titleCase(id.replace(/[-_]mirror$/, ""));
  return { ko: `${where} 미러`, en: `${where} mirror` };
}

/** Enough of a pseudonym to tell two apart; all of it is nobody's business. */
export function shortPseudonym(pseudonym: string): string {
  return pseudonym.length > 8 ? `…${pseudonym.slice(-5)}` : pseudonym;
}

function articleNames(articles: readonly Article[]): Map<string, Text> {
  return new Map(
    articles.map(({ gtin, name, size }) => [
      gtin,
      { ko: `${name.ko} ${size}`, en: `${name.en} ${size}` },
    ]),
  );
}

/** What the hub knows: goods, but neither zones nor people. */
export function catalogueNames(articles: readonly Article[]): Names {
  const known = articleNames(articles);
  return {
    shopper: (id) => plain(typeof id === "string" ? shortPseudonym(id) : id),
    zone: (id) => plain(typeof id === "string" ? titleCase(id) : id),
    article: (gtin) => known.get(String(gtin)) ?? plain(gtin),
  };
}

export function namesOf(store: StoreView | undefined, people: readonly Person[]): Names {
  const persons = new Map(people.flatMap((p) => (p.shopper === null ? [] : [[p.shopper, p.name]])));
  const zones = new Map(store?.zones.map((zone) => [zone.id, zone.name]));
  const goods = catalogueNames(store?.articles ?? []);
  return {
    shopper: (id) => persons.get(String(id)) ?? goods.shopper(id),
    zone: (id) => zones.get(String(id)) ?? plain(id),
    article: goods.article,
  };
}
