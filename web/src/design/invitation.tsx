/** Staff show a QR code; whoever scans it reads the consents and joins on their own phone. */
import { useEffect, useState } from "preact/hooks";
import { post } from "../api";
import { useNow } from "../clock";
import { stopwatch, useSpeech } from "../i18n";
import type { Text, Time } from "../model";
import { Problem } from "../problem";
import { Button } from "./button";
import { Icon } from "./icons";
import "./invitation.css";
import { Loading } from "./parts";
import { Picture } from "./picture";
import { Sheet } from "./sheet";

/** `POST /v1/join-codes`. */
interface Minted {
  code: string;
  expires: Time;
  url: string;
  svg: string;
}

const WORDS = {
  invite: { ko: "고객 등록", en: "Enrol a customer" },
  how: {
    ko: "고객님의 휴대폰으로 찍어 주세요. 동의 여부는 고객님이 직접 고르십니다.",
    en: "The customer scans this with their own phone, and chooses there what to agree to.",
  },
  left: { ko: "남은 시간", en: "good for" },
  once: { ko: "한 번만 쓸 수 있습니다", en: "good once" },
  here: { ko: "이 컴퓨터에서 열기", en: "Open it on this computer" },
  over: { ko: "기간이 지난 코드입니다", en: "This code is over" },
  fresh: { ko: "새 코드", en: "New code" },
  label: { ko: "등록 QR 코드", en: "Invitation, a QR code" },
} satisfies Record<string, Text>;

/** No phone reaches the loopback address of a demo: there the page is opened beside this one. */
const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

export function Invite() {
  const { say } = useSpeech();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button kind="quiet" label={say(WORDS.invite)} testid="invite" onClick={() => setOpen(true)}>
        <Icon name="qr" />
      </Button>
      {open && (
        <Sheet title={say(WORDS.invite)} onClose={() => setOpen(false)}>
          <Invitation />
        </Sheet>
      )}
    </>
  );
}

function Invitation() {
  const { say } = useSpeech();
  const [minted, setMinted] = useState<Minted>();
  const [failure, setFailure] = useState<Problem>();
  const now = useNow();
  const mint = async () => {
    setFailure(undefined);
    setMinted(undefined);
    try {
      setMinted(await post<Minted>("/v1/join-codes", { role: "guest" }));
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      setFailure(problem);
    }
  };
  useEffect(() => void mint(), []);
  const left = minted ? Date.parse(minted.expires) - now : 0;
  const over = minted !== undefined && left <= 0;
  return (
    <div class="invitation" data-testid="invitation" data-url={minted?.url}>
      <p class="soft">{say(WORDS.how)}</p>
      {failure && (
        <p role="alert">
          <Icon name="alert" /> {say(failure.detail)}
        </p>
      )}
      {!minted && !failure && <Loading height="260px" />}
      {minted && !over && (
        <figure>
          <Picture svg={minted.svg} label={say(WORDS.label)} />
          <figcaption class="small figures">
            {say(WORDS.left)} {stopwatch(left)} · {say(WORDS.once)}
          </figcaption>
        </figure>
      )}
      {over && <p>{say(WORDS.over)}</p>}
      {minted && !over && LOOPBACK.includes(location.hostname) && (
        <a class="button wide" href={minted.url} target="_blank" rel="noreferrer">
          <Icon name="open" /> {say(WORDS.here)}
        </a>
      )}
      <Button wide kind={over || failure ? "primary" : "plain"} onClick={() => void mint()}>
        {say(WORDS.fresh)}
      </Button>
    </div>
  );
}
