/** Two languages, one choice per browser: kept in localStorage, first guessed from the browser. */
import { Cell, useCell } from "./cell";
import type { Text } from "./model";

export type Language = "ko" | "en";

const KEPT = "aisle.language";

function kept(): Language | null {
  const language = localStorage.getItem(KEPT);
  return language === "ko" || language === "en" ? language : null;
}

const chosen = new Cell<Language>(kept() ?? (navigator.language.startsWith("ko") ? "ko" : "en"));

function declare(): void {
  document.documentElement.lang = chosen.value;
}
chosen.watch(declare);
declare();

export function currentLanguage(): Language {
  return chosen.value;
}

export function chooseLanguage(language: Language): void {
  localStorage.setItem(KEPT, language);
  chosen.value = language;
}

/** A page that is framed by another follows it. */
addEventListener("storage", (event) => {
  const language = kept();
  if (event.key === KEPT && language !== null) chosen.value = language;
});

export interface Speech {
  language: Language;
  /** The text in the page's language. */
  say(text: Text): string;
  /** `49,500원`, `₩49,500`: as people write it; `amount` is in the minor unit of `currency`. */
  money(amount: number, currency: string): string;
  number(value: number, fractionDigits?: number): string;
  /** `9,999`, then `12K`, `2.1M` or `1.2만`: a count that must fit a narrow column. */
  count(value: number): string;
  /** Hours and minutes in the browser's time zone. */
  time(iso: string): string;
  timeWithSeconds(iso: string): string;
  /** Day, hours and minutes. */
  day(iso: string): string;
  /** Day, month and year. */
  date(iso: string): string;
}

function locale(language: Language): string {
  return language === "ko" ? "ko-KR" : "en-GB";
}

function speech(language: Language): Speech {
  const tag = locale(language);
  const clock: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const time = new Intl.DateTimeFormat(tag, clock);
  const seconds = new Intl.DateTimeFormat(tag, { ...clock, second: "2-digit" });
  const day = new Intl.DateTimeFormat(tag, { ...clock, month: "short", day: "numeric" });
  const date = new Intl.DateTimeFormat(tag, { dateStyle: "medium" });
  const compact = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 });
  return {
    language,
    say: (text) => text[language],
    money(amount, currency) {
      if (language === "ko" && currency === "KRW") return `${amount.toLocaleString(tag)}원`;
      const format = new Intl.NumberFormat(tag, { style: "currency", currency });
      const digits = format.resolvedOptions().maximumFractionDigits ?? 0;
      return format.format(amount / 10 ** digits);
    },
    number: (value, fractionDigits = 0) =>
      value.toLocaleString(tag, {
        minimumFractionDigits: fractionDigits,
        maximumFractionDigits: fractionDigits,
      }),
    count: (value) => (value < 10_000 ? value.toLocaleString(tag) : compact.format(value)),
    time: (iso) => time.format(new Date(iso)),
    timeWithSeconds: (iso) => seconds.format(new Date(iso)),
    day: (iso) => day.format(new Date(iso)),
    date: (iso) => date.format(new Date(iso)),
  };
}

const SPEECHES: Record<Language, Speech> = { ko: speech("ko"), en: speech("en") };

export function useSpeech(): Speech {
  return SPEECHES[useCell(chosen)];
}

/** `3 min` / `3분`: how long, in the largest unit that still says something. */
export function duration(milliseconds: number): Text {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return { ko: `${seconds}초`, en: `${seconds} s` };
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return { ko: `${minutes}분`, en: `${minutes} min` };
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return { ko: `${hours}시간`, en: `${hours} h` };
  const days = Math.floor(hours / 24);
  return { ko: `${days}일`, en: `${days} days` };
}

/** `0:42`, `12:07`: a stopwatch that people read while it runs. */
export function stopwatch(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(seconds % 60)}`
    : `${minutes}:${two(seconds % 60)}`;
}
