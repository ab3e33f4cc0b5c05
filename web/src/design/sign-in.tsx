/** The door of the pages for staff: one key, kept as a cookie that scripts cannot read. */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { get, post, remove } from "../api";
import { useSpeech } from "../i18n";
import type { Text } from "../model";
import { Problem } from "../problem";
import { Button } from "./button";
import { Icon, Mark } from "./icons";
import { Field } from "./parts";
import { Preferences } from "./preferences";

type Session = "unknown" | "none" | "open" | "unreachable";

/** A server that is being started is there within seconds. */
const RETRY_MS = 2000;

const WRONG_KEY: Text = { ko: "키가 맞지 않습니다.", en: "This key does not fit." };
const WORDS = {
  key: { ko: "로그인 키", en: "Sign-in key" },
  enter: { ko: "로그인", en: "Sign in" },
  out: { ko: "로그아웃", en: "Sign out" },
  retry: { ko: "다시 시도", en: "Try again" },
  unreachable: { ko: "서버에 연결할 수 없습니다.", en: "The server cannot be reached." },
  where: {
    ko: "시작할 때 터미널에 표시된 키를 입력하세요.",
    en: "The key that was printed in the terminal at start.",
  },
};

function SignInForm({ title, onOpen }: { title: string; onOpen(): void }) {
  const { say } = useSpeech();
  const [key, setKey] = useState("");
  const [refusal, setRefusal] = useState<Text | null>(null);
  const [busy, setBusy] = useState(false);
  const enter = async () => {
    setBusy(true);
    try {
      await post("/v1/session", { key: key.trim() });
      onOpen();
    } catch (failure) {
      if (!(failure instanceof Problem)) throw failure;
      setRefusal(failure.status === 401 ? WRONG_KEY : failure.detail);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void enter();
      }}
    >
      <Mark size={52} />
      <div>
        <h1>{title}</h1>
        <p class="soft">{say(WORDS.where)}</p>
      </div>
      <Field label={say(WORDS.key)}>
        <input
          class="input"
          type="password"
          name="key"
          autocomplete="current-password"
          autofocus
          required
          value={key}
          aria-invalid={refusal !== null}
          aria-describedby="refusal"
          data-testid="sign-in-key"
          onInput={(event) => setKey(event.currentTarget.value)}
        />
      </Field>
      <Button kind="primary" size="large" type="submit" busy={busy} testid="sign-in">
        {say(WORDS.enter)}
      </Button>
      <p class="refusal" id="refusal" role="alert">
        {refusal && say(refusal)}
      </p>
    </form>
  );
}

/** Asks who we are; shows the page when the server knows us, the form when it does not. */
export function SignedIn(props: {
  title: Text;
  /** Given the way to end the session: by choice, or because the server forgot it. */
  children: (leave: () => void) => ComponentChildren;
}) {
  const { say } = useSpeech();
  const [session, setSession] = useState<Session>("unknown");
  const ask = async () => {
    try {
      await get("/v1/session");
      setSession("open");
    } catch (failure) {
      if (!(failure instanceof Problem)) throw failure;
      setSession(failure.status === 0 ? "unreachable" : "none");
    }
  };
  useEffect(() => void ask(), []);
  useEffect(() => {
    if (session !== "unreachable") return;
    const timer = setInterval(() => void ask(), RETRY_MS);
    return () => clearInterval(timer);
  }, [session]);
  if (session === "unknown") return null;
  if (session === "open") return <>{props.children(() => setSession("none"))}</>;
  return (
    <main class="sign-in">
      <header>
        <Preferences />
      </header>
      {session === "none" ? (
        <SignInForm title={say(props.title)} onOpen={() => setSession("open")} />
      ) : (
        <form>
          <p role="alert">{say(WORDS.unreachable)}</p>
          <Button onClick={() => void ask()}>{say(WORDS.retry)}</Button>
        </form>
      )}
      <footer />
    </main>
  );
}

export function SignOut({ leave }: { leave(): void }) {
  const { say } = useSpeech();
  const out = async () => {
    await remove("/v1/session").catch(() => undefined); // gone or unreachable: the form shows either way
    leave();
  };
  return (
    <Button kind="quiet" label={say(WORDS.out)} testid="sign-out" onClick={() => void out()}>
      <Icon name="out" />
    </Button>
  );
}
