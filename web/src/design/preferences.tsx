/** Language and light: two small buttons in every page's corner, kept in the browser. */
import { Cell, useCell } from "../cell";
import { chooseLanguage, useSpeech } from "../i18n";
import { Button } from "./button";
import { Icon } from "./icons";

const KEPT = "aisle.theme";
type Theme = "light" | "dark";

const systemDark = matchMedia("(prefers-color-scheme: dark)");

function keptTheme(): Theme | null {
  const theme = localStorage.getItem(KEPT);
  return theme === "light" || theme === "dark" ? theme : null;
}

const chosen = new Cell<Theme | null>(keptTheme());

function apply(): void {
  if (chosen.value) document.documentElement.dataset.theme = chosen.value;
}
chosen.watch(apply);
apply();

/** A page that is framed by another follows it. */
addEventListener("storage", (event) => {
  if (event.key === KEPT) chosen.value = keptTheme();
});

export function ThemeButton() {
  const { say } = useSpeech();
  const theme = useCell(chosen) ?? (systemDark.matches ? "dark" : "light");
  const other = theme === "dark" ? "light" : "dark";
  return (
    <Button
      kind="quiet"
      testid="theme"
      label={say(
        other === "dark" ? { ko: "어둡게", en: "Dark" } : { ko: "밝게", en: "Light" },
      )}
      onClick={() => {
        localStorage.setItem(KEPT, other);
        chosen.value = other;
      }}
    >
      <Icon name={other === "dark" ? "moon" : "sun"} />
    </Button>
  );
}

export function LanguageButton() {
  const { language } = useSpeech();
  const other = language === "ko" ? "en" : "ko";
  return (
    <Button kind="quiet" testid="language" onClick={() => chooseLanguage(other)}>
      <span lang={other}>{other === "ko" ? "한국어" : "English"}</span>
    </Button>
  );
}

export function Preferences() {
  return (
    <>
      <LanguageButton />
      <ThemeButton />
    </>
  );
}
