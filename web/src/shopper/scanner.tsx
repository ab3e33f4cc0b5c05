import { useEffect, useRef } from "preact/hooks";
import { useSpeech } from "../i18n";
import { JOIN_WORDS as WORDS } from "./join-words";

/** https://wicg.github.io/shape-detection-api/, which TypeScript's library does not know yet. */
interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}

declare global {
  interface Window {
    BarcodeDetector?: new (options: { formats: string[] }) => Detector;
  }
}

/** Four looks a second find a code that is held still, and leave the phone cool. */
const LOOK_EVERY_MS = 250;

/** Not over plain HTTP, and not in every browser: then the code is typed. */
export function canScan(): boolean {
  return window.BarcodeDetector !== undefined && navigator.mediaDevices !== undefined;
}

/** The camera, until it has seen a QR code. Its pictures stay in this browser. */
export function Scanner(props: { onCode(text: string): void; onFailure(): void }) {
  const { say } = useSpeech();
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const stop = new AbortController();
    look(video.current, props.onCode, stop.signal).catch(() => {
      if (!stop.signal.aborted) props.onFailure(); // refused, busy or absent: typing is the way left
    });
    return () => stop.abort();
  }, []);
  return (
    <figure class="scanner">
      <video ref={video} muted playsInline />
      <figcaption class="small">{say(WORDS.scanning)}</figcaption>
    </figure>
  );
}

async function look(
  video: HTMLVideoElement | null,
  onCode: (text: string) => void,
  stop: AbortSignal,
): Promise<void> {
  if (video === null || window.BarcodeDetector === undefined) return;
  const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
  const camera = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  try {
    video.srcObject = camera;
    await video.play();
    while (!stop.aborted) {
      const [code] = await detector.detect(video);
      if (code !== undefined && !stop.aborted) return onCode(code.rawValue.trim());
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  } finally {
    for (const track of camera.getTracks()) track.stop();
  }
}
