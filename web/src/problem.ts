/** What went wrong, in words for the person in front of the page. */
import type { Text } from "./model";

/** An answer that was not 2xx: `application/problem+json`, or a stand-in with the same fields. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: Text,
  ) {
    super(`${status} ${code}`);
  }
}

const STATUS_WORDS: Record<number, Text> = {
  401: { ko: "다시 로그인해 주세요.", en: "Please sign in again." },
  403: { ko: "이 작업을 할 권한이 없습니다.", en: "You may not do this." },
  404: { ko: "찾을 수 없습니다.", en: "This was not found." },
  409: { ko: "그 사이 상태가 바뀌었습니다.", en: "Things changed in the meantime." },
  429: { ko: "잠시 후 다시 시도해 주세요.", en: "Too many tries. Please wait a moment." },
};

const UNSAID: Text = { ko: "처리하지 못했습니다.", en: "This did not work." };

export const UNREACHABLE = new Problem(0, "unreachable", {
  ko: "연결할 수 없습니다. 다시 시도해 주세요.",
  en: "No connection. Please try again.",
});

/** The server writes `detail` in the language of the request, so it stands for both. */
export async function problemOf(response: Response): Promise<Problem> {
  const fallback = STATUS_WORDS[response.status] ?? UNSAID;
  const type = response.headers.get("content-type") ?? "";
  if (!type.includes("json")) return new Problem(response.status, "unknown", fallback);
  try {
    const body = (await response.json()) as { code?: unknown; detail?: unknown };
    const code = typeof body.code === "string" ? body.code : "unknown";
    const detail =
      typeof body.detail === "string" ? { ko: body.detail, en: body.detail } : fallback;
    return new Problem(response.status, code, detail);
  } catch {
    return new Problem(response.status, "unknown", fallback);
  }
}
